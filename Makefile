# Thin names for people; CMake does the work. `make test` and `make demo` install what they miss from Debian's packages.
BUILD ?= build

.PHONY: all demo build test mutants golden docs check fmt lint lint-all layers bench asan proof install uninstall dist clean

all: build

demo: packages
	@.ci/build $(BUILD) -DDBFIXTURE_TESTS=OFF -- dbfixture
	@.ci/demo $(BUILD)/dbfixture

build: build-packages
	@.ci/build $(BUILD) -DDBFIXTURE_TESTS=ON

test: build test-packages
	@.ci/test $(BUILD)

# Does a test notice each small change of testdata/mutants? See testdata/tools/mutants.py.
mutants: build-packages
	@python3 testdata/tools/mutants.py --build $(BUILD)-mutants

# Writes what the golden cases of testdata/cli see as what they expect. Read the difference before you commit it.
golden: build test-packages
	@DBFIXTURE_GOLDEN=1 $(BUILD)/dbfixture_test "[cli]"

# Man pages, docs/reference.md and the scripts of completion, from the table of options and docs/manual. Commit what it writes.
docs: build
	@.ci/docs $(BUILD)/dbfixture

check: layers lint test
	@clang-format --dry-run --Werror $$(git ls-files 'src/*.cpp' 'src/*.h' 'cmd/*.cpp' 'cmd/*.h')

fmt: lint-packages
	@clang-format -i $$(git ls-files -co --exclude-standard 'src/*.cpp' 'src/*.h' 'cmd/*.cpp' 'cmd/*.h')

lint: lint-packages build
	@.ci/lint $(BUILD)

lint-all: lint-packages build
	@.ci/lint $(BUILD) --all

layers:
	@.ci/layers

bench: build test-packages
	@.ci/bench $(BUILD)
	@.ci/bench-state $(BUILD)
	@.ci/bench-diff $(BUILD)
	@.ci/bench-rows $(BUILD)
	@.ci/bench-postgres $(BUILD)
	@.ci/bench-mariadb $(BUILD)
	@.ci/bench-reset $(BUILD)
	@.ci/bench-django $(BUILD)
	@.ci/bench-suites $(BUILD)
	@.ci/bench-postgres-suites $(BUILD)
	@.ci/bench-serve $(BUILD)

# The whole suite under the address and undefined-behaviour sanitizers.
asan: test-packages
	@.ci/build build-asan -DDBFIXTURE_SANITIZE=ON -DCMAKE_BUILD_TYPE=RelWithDebInfo -DDBFIXTURE_TESTS=ON
	@.ci/test build-asan

# What is too long for `make test`: Django's own tests ($DJANGO_SOURCE, else apt-get source), and the scripts of testdata/state on every database, of testdata/postgres at length.
proof: build
	@testdata/django/own_tests.py $(BUILD)/dbfixture --fetch
	@testdata/state/bad_days.py $(BUILD)/dbfixture --all
	@testdata/state/kill_each_call.py $(BUILD)/dbfixture --all
	@python3 testdata/state/serve.py $(BUILD)/dbfixture --all
	@testdata/postgres/states.py $(BUILD)/dbfixture --all
	@testdata/postgres/kills.py $(BUILD)/dbfixture --all
	@testdata/postgres/temps.py $(BUILD)/dbfixture --all

# The program, the library and what belongs to them, below PREFIX; a package is staged with DESTDIR. Needs no package of the tests.
PREFIX ?= /usr/local
install: packages
	@.ci/build $(BUILD) -DDBFIXTURE_TESTS=OFF -- dbfixture dbfixture_core
	@.ci/install-below "$(BUILD)" "$(PREFIX)" "$(DESTDIR)"

# What install put there, and no more.
uninstall:
	@.ci/uninstall "$(BUILD)" "$(PREFIX)" "$(DESTDIR)"

# The Debian packages and the archive of the sources, in $(BUILD)-dist/packages.
dist: packages
	@.ci/install .ci/packages-dist
	@.ci/dist "$(BUILD)-dist"

clean:
	@rm -rf $(BUILD) $(BUILD)-mutants $(BUILD)-dist build-asan

.PHONY: packages build-packages test-packages lint-packages
packages:
	@.ci/install .ci/packages

build-packages:
	@.ci/install .ci/packages .ci/packages-build-tests

test-packages: build-packages
	@.ci/install .ci/packages-test
	@.ci/install-node

lint-packages: packages
	@.ci/install .ci/packages-lint
