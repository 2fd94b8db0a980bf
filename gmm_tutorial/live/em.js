// Gaussian mixture models in the browser: the formulas of the Python package gmm_tutorial, under the same names.
// N points in D dimensions are N rows of D numbers, K components; n counts points, k counts components.
// A mixture is { weights: (K), means: (K, D), covariances: (K, D, D) }. Nothing that is given is written to.

export const EPSILON = Number.EPSILON;

export const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
export const dot = (a, b) => a.reduce((total, number, i) => total + number * b[i], 0);
const minus = (a, b) => a.map((number, i) => number - b[i]);
export const column = (rows, k) => rows.map((row) => row[k]);
const square = (size, element) => Array.from({ length: size }, (_, i) => Array.from({ length: size }, (_, j) => element(i, j)));
export const argmax = (numbers) => numbers.indexOf(Math.max(...numbers));

// ---- gaussian: one Gaussian, by the square root of its covariance and in logs

// L with L Lᵀ = Σ, lower triangular; zeros if there is none
export function cholesky(covariance) {
  const L = square(covariance.length, () => 0);
  for (let i = 0; i < L.length; i++) {
    for (let j = 0; j < i; j++) L[i][j] = (covariance[i][j] - dot(L[i], L[j])) / L[j][j];
    const pivot = covariance[i][i] - dot(L[i], L[i]);
    if (!(pivot > 0)) return square(L.length, () => 0);
    L[i][i] = Math.sqrt(pivot);
  }
  return L;
}

// z = L⁻¹ (x − μ), in standard deviations
export function whiten(point, mean, factor) {
  const z = [];
  for (let i = 0; i < mean.length; i++) {
    let rest = point[i] - mean[i];
    for (let j = 0; j < i; j++) rest -= factor[i][j] * z[j];
    z.push(rest / factor[i][i]);
  }
  return z;
}

// log N(xₙ | μ, L Lᵀ) = −½ (D log 2π + |L⁻¹ (xₙ − μ)|²) − Σ_d log L_dd
export function logGaussianByFactor(points, mean, factor) {
  const logVolume = sum(factor.map((row, d) => Math.log(row[d])));
  return points.map((point) => {
    const z = whiten(point, mean, factor);
    return -0.5 * (mean.length * Math.log(2 * Math.PI) + dot(z, z)) - logVolume;
  });
}

// log N(xₙ | μ, Σ)
export const logGaussian = (points, mean, covariance) => logGaussianByFactor(points, mean, cholesky(covariance));

// ---- mixture: several Gaussians, weighted

export class CollapseError extends Error {
  constructor(component, reason) {
    super(`component ${component} has collapsed: ${reason}`);
    this.component = component;
    this.reason = reason;
  }
}

// the Cholesky factors Lₖ; a component without spread raises CollapseError, so that nothing becomes NaN in silence
export function factors(mixture) {
  return mixture.covariances.map((covariance, k) => {
    const L = cholesky(covariance);
    if (!hasSpread(L, mixture.means[k], covariance)) throw new CollapseError(k, "it has shrunk until no spread is left in some direction, where its likelihood grows without limit.");
    return L;
  });
}

// false for a Gaussian that is flat in some direction, or narrower than the rounding of its own coordinates
function hasSpread(factor, mean, covariance) {
  return mean.every((mu, d) => {
    const variance = covariance[d][d];
    const seen = factor[d][d] ** 2 > 4 * mean.length * EPSILON * variance;
    const wide = variance > (512 * EPSILON * mu) ** 2;
    return seen && wide && Number.isFinite(variance);
  });
}

// log p(xₙ, k) = log πₖ + log N(xₙ | μₖ, Σₖ)
export function logJoint(points, mixture) {
  const L = factors(mixture);
  const columns = mixture.weights.map((pi, k) =>
    logGaussianByFactor(points, mixture.means[k], L[k]).map((log) => Math.log(pi) + log));
  return points.map((_, n) => column(columns, n));
}

// γₙₖ = p(xₙ, k) / Σᵢ p(xₙ, i)    log p(xₙ) = log Σᵢ p(xₙ, i)
// The largest is subtracted before the exponential and added after the logarithm: nothing underflows that matters.
export function bayes(logJoints) {
  const rows = logJoints.map((row) => {
    const largest = Math.max(...row);
    const joints = row.map((log) => Math.exp(log - largest));
    const total = sum(joints);
    return { responsibilities: joints.map((joint) => joint / total), logDensity: largest + Math.log(total) };
  });
  return { responsibilities: rows.map((row) => row.responsibilities), logDensities: rows.map((row) => row.logDensity) };
}

// μ = Σₖ πₖ μₖ
export const totalMean = (mixture) => mixture.means[0].map((_, d) => dot(mixture.weights, column(mixture.means, d)));

// Σ = Σₖ πₖ (Σₖ + (μₖ − μ)(μₖ − μ)ᵀ)
export function totalCovariance(mixture) {
  const center = totalMean(mixture);
  const deviations = mixture.means.map((mean) => minus(mean, center));
  return square(center.length, (i, j) =>
    sum(mixture.weights.map((pi, k) => pi * (mixture.covariances[k][i][j] + deviations[k][i] * deviations[k][j]))));
}

// ---- em: the four formulas, the two steps and the endless loop

// Nₖ = Σₙ γₙₖ
export function count(responsibilities) {
  const counts = responsibilities[0].map(() => 0);
  for (const gamma of responsibilities) gamma.forEach((share, k) => (counts[k] += share));
  return counts;
}

// πₖ = Nₖ / N
export function weight(responsibilities) {
  const counts = count(responsibilities);
  return counts.map((Nk) => Nk / sum(counts));
}

// μₖ = (1/Nₖ) Σₙ γₙₖ xₙ
export function mean(points, responsibilities) {
  const D = points[0].length;
  return count(responsibilities).map((Nk, k) => {
    const total = new Array(D).fill(0);
    points.forEach((point, n) => {
      for (let d = 0; d < D; d++) total[d] += responsibilities[n][k] * point[d];
    });
    return total.map((value) => value / Nk);
  });
}

// Σₖ = (1/Nₖ) Σₙ γₙₖ (xₙ − μₖ)(xₙ − μₖ)ᵀ    with the new mean
export function covariance(points, responsibilities, means) {
  return count(responsibilities).map((Nk, k) => {
    const mu = means[k], total = square(mu.length, () => 0);
    points.forEach((point, n) => {
      for (let i = 0; i < mu.length; i++) {
        for (let j = 0; j < mu.length; j++) total[i][j] += responsibilities[n][k] * (point[i] - mu[i]) * (point[j] - mu[j]);
      }
    });
    return total.map((row) => row.map((value) => value / Nk));
  });
}

// γ and ℓ = Σₙ log p(xₙ)
export function eStep(points, mixture) {
  const { responsibilities, logDensities } = bayes(logJoint(points, mixture));
  return { responsibilities, logLikelihood: sum(logDensities) };
}

// πₖ, μₖ, Σₖ of γ; a component without spread is let through, so that a constraint may still mend it
export function mStep(points, responsibilities) {
  const weights = weight(responsibilities);
  const empty = weights.indexOf(0);
  if (empty >= 0) throw new CollapseError(empty, "no point belongs to it any more.");
  const means = mean(points, responsibilities);
  return { weights, means, covariances: covariance(points, responsibilities, means) };
}

// what the constraint makes of a mixture; raises CollapseError if a component still has no spread
export function constrained(constraint, mixture) {
  const result = constraint(mixture);
  factors(result);
  return result;
}

// E-step, M-step, constraint, and again: each log-likelihood belongs to the mixture beside it
export function* em(points, mixture, constraint = full) {
  while (true) {
    const { responsibilities, logLikelihood } = eStep(points, mixture);
    yield { mixture, responsibilities, logLikelihood };
    mixture = constrained(constraint, mStep(points, responsibilities));
  }
}

// ---- constraints: each a function mixture → mixture

const withCovariances = (mixture, covariances) => ({ ...mixture, covariances });
const eachCovariance = (mixture, change) => withCovariances(mixture, mixture.covariances.map(change));

export const full = (mixture) => mixture;

// Σ = Σₖ πₖ Σₖ
export function tied(mixture) {
  const shared = square(mixture.means[0].length, (i, j) =>
    sum(mixture.weights.map((pi, k) => pi * mixture.covariances[k][i][j])));
  return eachCovariance(mixture, () => shared);
}

// Σₖ = diag(Σₖ)
export const diagonal = (mixture) =>
  eachCovariance(mixture, (sigma) => square(sigma.length, (i, j) => (i === j ? sigma[i][i] : 0)));

// Σₖ = (tr Σₖ / D) I
export const spherical = (mixture) =>
  eachCovariance(mixture, (sigma) => {
    const variance = sum(sigma.map((row, d) => row[d])) / sigma.length;
    return square(sigma.length, (i, j) => (i === j ? variance : 0));
  });

// Σₖ + f diag(Σ) with the total covariance Σ
export function ridge(mixture, fraction = 1e-6) {
  const total = totalCovariance(mixture);
  return eachCovariance(mixture, (sigma) =>
    square(sigma.length, (i, j) => sigma[i][j] + (i === j ? fraction * total[i][i] : 0)));
}

// several constraints as one, from left to right
export const chain = (...constraints) => (mixture) => constraints.reduce((shape, constraint) => constraint(shape), mixture);

// ---- initialization: every start is centers, every center is hard responsibilities

// |xₙ − cₖ|²
export const squaredDistance = (points, centers) =>
  points.map((point) => centers.map((center) => sum(center.map((c, d) => (point[d] - c) ** 2))));

// γₙₖ = 1 if k = argminᵢ |xₙ − cᵢ|², else 0
export const hardResponsibility = (points, centers) =>
  squaredDistance(points, centers).map((row) => {
    const nearest = row.indexOf(Math.min(...row));
    return row.map((_, k) => (k === nearest ? 1 : 0));
  });

// one component around each center, all of the same shape
export const mixtureAround = (points, centers) => tied(mStep(points, hardResponsibility(points, centers)));

// whole numbers from 1 to 2³¹ − 2 in a long row that looks like chance: Park, Miller & Stockmeyer (1993)
export const afterwards = (number) => (48271 * number) % 2147483647;

// numbers between 0 and 1; one seed (1, 2, 3, …) gives one row of them. NumPy's generator gives others.
export function generator(seed) {
  let number = seed;
  const next = () => (number = afterwards(number)) / 2147483647;
  for (let i = 0; i < 20; i++) next(); // small seeds begin with small numbers
  return next;
}

function drawCenters(points, K, random, preference) {
  const centers = [points[Math.floor(random() * points.length)]];
  let nearest = points.map(() => Infinity);
  while (centers.length < K) {
    const distances = squaredDistance(points, centers.slice(-1));
    nearest = nearest.map((distance, n) => Math.min(distance, distances[n][0]));
    const chances = nearest.map(preference);
    let left = random() * sum(chances);
    if (!(sum(chances) > 0)) throw new RangeError(`only ${centers.length} of the points differ: choose a smaller K.`);
    centers.push(points[chances.findIndex((chance) => chance > 0 && (left -= chance) <= 0)] ?? points[argmax(chances)]);
  }
  return centers;
}

// K of the points, drawn without preference, no two in the same place
export const randomPoints = (points, K, random) => drawCenters(points, K, random, Math.sign);

// K of the points, each drawn with a preference for points far from the centers so far: P ∝ minₖ |xₙ − cₖ|²
export const kmeansPlusPlus = (points, K, random) => drawCenters(points, K, random, (distance) => distance);

// ---- fitting: when to stop

// g r / (1 − r) with the last gain g, and r = g / the gain before; Infinity while the gains do not shrink
export function gainToCome(logLikelihoods) {
  if (logLikelihoods.length < 3) return Infinity;
  const [first, second, third] = logLikelihoods.slice(-3);
  const before = second - first;
  const last = third - second;
  if (Math.abs(last) <= 64 * EPSILON * Math.abs(third)) return 0;
  if (before === 0 || !(last / before > 0 && last / before < 1)) return Infinity;
  return last ** 2 / Math.abs(before - last);
}

// EM until less than `tolerance` is still to come: every step, the start first
export function fit(points, start, constraint = full, tolerance = 1e-6, maxSteps = 2000) {
  const steps = [];
  for (const step of em(points, start, constraint)) {
    steps.push(step);
    if (gainToCome(steps.slice(-3).map(({ logLikelihood }) => logLikelihood)) < tolerance || steps.length > maxSteps) return steps;
  }
}

// ---- k-means, which is EM with hard responsibilities

// each center at the mean of the points nearest to it; a center without points stays
export function kmeansStep(points, centers) {
  const hard = hardResponsibility(points, centers);
  const means = mean(points, hard);
  return count(hard).map((Nk, k) => (Nk > 0 ? means[k] : centers[k]));
}

// ---- derived: what follows from a mixture

// log p(xₙ)
export const logDensity = (points, mixture) => bayes(logJoint(points, mixture)).logDensities;

// F(γ, θ) = Σₙ Σₖ γₙₖ (log p(xₙ, k) − log γₙₖ), the lower bound, also called ELBO
export function lowerBound(points, responsibilities, mixture) {
  const logJoints = logJoint(points, mixture);
  return sum(responsibilities.map((gammas, n) =>
    sum(gammas.map((gamma, k) => (gamma > 0 ? gamma * (logJoints[n][k] - Math.log(gamma)) : 0)))));
}

// the mixture of some coordinates alone
export const marginal = (mixture, dimensions) => ({
  weights: mixture.weights,
  means: mixture.means.map((mean) => dimensions.map((d) => mean[d])),
  covariances: mixture.covariances.map((sigma) => dimensions.map((i) => dimensions.map((j) => sigma[i][j]))),
});

// E[y | x] = Σₖ γₖ(x) (μₖ_y + Σₖ_yx / Σₖ_xx (x − μₖ_x)), in two dimensions
export function conditionalMean(knowns, mixture) {
  const { responsibilities } = bayes(logJoint(knowns, marginal(mixture, [0])));
  return knowns.map(([x], n) => sum(mixture.means.map(([muX, muY], k) => {
    const [[varianceX], [covarianceYX]] = mixture.covariances[k];
    return responsibilities[n][k] * (muY + (covarianceYX / varianceX) * (x - muX));
  })));
}

// p(x_b | x_a) = Σₖ γₖ N(x_b | mₖ, Cₖ): the mixture of the unknown coordinates b, given { index: value } of the known ones a
// mₖ = μₖ_b + Σₖ_ba Σₖ_aa⁻¹ (x_a − μₖ_a)    Cₖ = Σₖ_bb − Σₖ_ba Σₖ_aa⁻¹ Σₖ_ab
export function conditional(mixture, known) {
  const a = Object.keys(known).map(Number), values = a.map((d) => known[d]);
  const b = mixture.means[0].map((_, d) => d).filter((d) => !a.includes(d));
  const weights = a.length ? bayes(logJoint([values], marginal(mixture, a))).responsibilities[0] : mixture.weights;
  const parts = mixture.means.map((mu, k) => {
    const sigma = mixture.covariances[k], L = cholesky(a.map((i) => a.map((j) => sigma[i][j])));
    const z = whiten(values, a.map((d) => mu[d]), L), zero = a.map(() => 0);
    const rows = b.map((i) => whiten(a.map((j) => sigma[i][j]), zero, L)); // Σₖ_ba L⁻ᵀ
    return { mean: b.map((i, n) => mu[i] + dot(rows[n], z)), covariance: b.map((i, n) => b.map((j, m) => sigma[i][j] - dot(rows[n], rows[m]))) };
  });
  return { weights, means: parts.map(({ mean }) => mean), covariances: parts.map(({ covariance }) => covariance) };
}

// how many numbers are free: K − 1 weights, K D in the means, and those of the covariances
export function parameterCount(K, D, constraint = "full") {
  const each = { full: (D * (D + 1)) / 2, tied: (D * (D + 1)) / 2, diagonal: D, spherical: 1 }[constraint];
  return K - 1 + K * D + each * (constraint === "tied" ? 1 : K);
}

// BIC = (free numbers) log N − 2 ℓ
export const bic = (logLikelihood, N, parameters) => parameters * Math.log(N) - 2 * logLikelihood;

// ---- a covariance in two dimensions as two perpendicular axes and back

// the standard deviations along the two axes, the longer first, and the angle of the longer one
export function axesOf([[a, b], [, c]]) {
  const middle = (a + c) / 2, half = Math.hypot((a - c) / 2, b);
  return { radii: [Math.sqrt(middle + half), Math.sqrt(Math.max(0, middle - half))], angle: Math.atan2(2 * b, a - c) / 2 };
}

// Σ = R diag(r₁², r₂²) Rᵀ
export function covarianceOf({ radii: [r, s], angle }) {
  const cos = Math.cos(angle), sin = Math.sin(angle);
  const between = (r ** 2 - s ** 2) * cos * sin;
  return [[(r * cos) ** 2 + (s * sin) ** 2, between], [between, (r * sin) ** 2 + (s * cos) ** 2]];
}

// ---- samples

// N points of a mixture, by the method of Box & Muller (1958)
export function sample(mixture, N, random) {
  const L = factors(mixture);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Array.from({ length: N }, () => {
    let left = random();
    const k = Math.max(0, mixture.weights.findIndex((pi) => (left -= pi) <= 0));
    const z = mixture.means[k].map(normal);
    return mixture.means[k].map((mu, i) => mu + dot(L[k][i], z));
  });
}
