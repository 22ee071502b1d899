# One process for all commands: serve_start -d test.db; serve reset. What the shell starts may use it, too.
serve_start() {
    coproc { exec dbfixture serve "$@"; }
    exec {SERVE_TO}>"/dev/fd/${COPROC[1]}" {SERVE_FROM}<"/dev/fd/${COPROC[0]}"
    export SERVE_TO SERVE_FROM
}

serve() {
    local word words answer
    for word; do word=${word//\\/\\\\} words+=", \"${word//\"/\\\"}\""; done
    printf '[%s]\n' "${words#, }" >&"$SERVE_TO"
    IFS= read -r answer <&"$SERVE_FROM"
    [[ $answer == '{"status": 0,'* ]] || { printf '%s\n' "$answer" >&2; return 1; }
}
