# The URL stands in the environment, since // ends a part of --tx.
DBFIXTURE_DATABASE=$SUITE_DATABASE pytest --dist load --tx '2*popen//python=dbfixture run --temp -- python3' "$@"
