# Everything starts here: each target does its own set-up, and can be run again at once without harm.
PY := .venv/bin/python
STAMP := .venv/.ready
RUNS := .venv/.ready-to-run

# Without compiled modules every start of the command costs seconds; uv leaves compiling to the first start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check format clean

# CLIP=video.mp4: of your own instead of the simulated shop. MODELS=DIR: other models than Retrail's own.
demo: $(RUNS)
	@CLIP='$(CLIP)' MODELS='$(MODELS)' bash tools/demo

test: $(STAMP)
	@bash tools/system-packages
	@$(PY) -m pytest -q --numprocesses auto --maxprocesses 4 --dist loadfile $(ARGS)

check: $(STAMP)
	@$(PY) -m ruff check . && $(PY) -m ruff format --check .
	@$(PY) -m pyright
	@.venv/bin/lint-imports

format: $(STAMP)
	@$(PY) -m ruff check --fix . ; $(PY) -m ruff format .

# Training wants torch, which is large: only what develops Retrail installs it.
$(STAMP): pyproject.toml constraints.txt tools/set-up
	@bash tools/set-up dev,serve,train
	@touch $(RUNS) $(STAMP)

$(RUNS): pyproject.toml constraints.txt tools/set-up
	@bash tools/set-up serve
	@touch $(RUNS)

clean:
	rm -rf .venv out .pytest_cache .ruff_cache .hypothesis
