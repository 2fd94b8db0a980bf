"""Spark on this machine, one executor thread a core: python with_spark.py mllib (starts where all do),
or python with_spark.py ml (the newer code, which chooses its own start: its time a step is comparable, its end is not).
"""

import os
import sys

from protocol import serve


def session():
    from pyspark.sql import SparkSession

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    builder = SparkSession.builder.master(f"local[{cores}]").config("spark.driver.memory", "4g")
    quiet = builder.config("spark.ui.enabled", "false").config("spark.driver.bindAddress", "127.0.0.1")
    made = quiet.config("spark.driver.host", "127.0.0.1").getOrCreate()
    made.sparkContext.setLogLevel("OFF")
    return made


def prepare(points, weights, means, covariances, diagonal):
    if diagonal:
        raise ValueError("only full covariances here")
    os.environ["PYSPARK_PYTHON"] = sys.executable
    import pyspark

    spark = session()
    run, answer = (old if sys.argv[1] == "mllib" else new)(spark, points, weights, means, covariances)
    return pyspark.__version__, run, answer


def old(spark, points, weights, means, covariances):
    from pyspark.mllib.clustering import GaussianMixtureModel
    from pyspark.mllib.common import callMLlibFunc
    from pyspark.mllib.linalg import DenseMatrix, Vectors

    K, D = means.shape
    parts = spark.sparkContext.defaultParallelism
    rows = spark.sparkContext.parallelize([Vectors.dense(point) for point in points], parts).cache()
    rows.count()
    mus = [Vectors.dense(mean) for mean in means]
    sigmas = [DenseMatrix(D, D, covariance.ravel()) for covariance in covariances]

    def run(steps):
        made = callMLlibFunc(
            "trainGaussianMixtureModel", rows, K, 0.0, steps, 0, [float(w) for w in weights], mus, sigmas
        )
        return GaussianMixtureModel(made)

    def answer(model):
        each = model.gaussians
        return model.weights, [g.mu.toArray() for g in each], [g.sigma.toArray() for g in each]

    return run, answer


def new(spark, points, weights, means, covariances):
    import pandas
    from pyspark.ml.clustering import GaussianMixture
    from pyspark.ml.functions import array_to_vector
    from pyspark.sql.functions import array

    spark.conf.set("spark.sql.execution.arrow.pyspark.enabled", "true")
    frame = spark.createDataFrame(pandas.DataFrame(points, columns=[f"x{d}" for d in range(points.shape[1])]))
    rows = frame.select(array_to_vector(array(*frame.columns)).alias("features"))
    rows = rows.repartition(spark.sparkContext.defaultParallelism).cache()
    rows.count()

    def run(steps):
        return GaussianMixture(k=len(weights), tol=0.0, maxIter=steps, seed=4).fit(rows)

    def answer(model):
        found = model.gaussiansDF.collect()
        return model.weights, [row["mean"].toArray() for row in found], [row["cov"].toArray() for row in found]

    return run, answer


serve(prepare)
