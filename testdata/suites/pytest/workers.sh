pytest --dist load --tx '2*popen//python=dbfixture run -d test.db --temp -- python3' "$@"
