dbfixture run -d app.db --temp --env APP_DATABASE=path -- pytest "$@"
