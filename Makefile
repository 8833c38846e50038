# Two commands matter: `make serve` and `make test`. Both bring what is missing on their own.
# What they call stands in scripts/, and every script can be run by itself.

# The README promises target/release/claviger, wherever the user's own settings would build.
export CARGO_TARGET_DIR := $(CURDIR)/target
# As .cargo/config.toml has it; here so that a user's own flags are added to it, not put in its place.
export RUSTFLAGS := $(strip --cfg erase_components $(RUSTFLAGS))

.PHONY: serve build spa test fmt load clean

serve: build
	target/release/claviger serve

# The SPA first: the server embeds it. Cargo knows best what else has to be built.
build: spa
	cargo build --release

spa:
	@scripts/spa

test: spa
	@scripts/test-tools
	@scripts/test

fmt:
	cargo fmt

load: build
	scripts/load

clean:
	-@scripts/postgres stop
	rm -rf target frontend/dist end2end/node_modules end2end/test-results end2end/playwright-report
