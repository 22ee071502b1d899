// SPDX-License-Identifier: MIT
#include "completion_scripts.h"

namespace dbfixture {
namespace {

constexpr std::string_view kBash = R"sh(# Completion of dbfixture's command lines in bash.

_dbfixture() {
    # Readline breaks words at "=" and ":", too: what has no blank before it belongs to the word before.
    local line=${COMP_LINE:0:COMP_POINT} words=() word i apart
    for ((i = 0; i <= COMP_CWORD; i++)); do
        [[ $i == 0 || $line == [[:space:]]* ]] && apart=1 || apart=
        line=${line#"${line%%[![:space:]]*}"}
        word=${COMP_WORDS[i]}
        ((i < COMP_CWORD)) || word=$line
        line=${line#"$word"}
        if [[ $apart ]]; then words+=("$word"); else words[${#words[@]} - 1]+=$word; fi
    done
    local typed=${words[${#words[@]} - 1]}
    for i in "${!words[@]}"; do
        word=${words[i]/#\~\//$HOME/}
        words[i]=${word//[\"\'\\]/}
    done

    local current=${words[${#words[@]} - 1]} found=() more=
    while IFS= read -r line; do
        case $line in
        :*) more=$line ;;
        *) found+=("${line%%$'\t'*}") ;;
        esac
    done < <("${words[0]}" __complete "${words[@]:1}" 2>/dev/null)

    if [[ $more == :command ]]; then
        for ((i = 1; i < COMP_CWORD; i++)); do [[ ${COMP_WORDS[i]} == -- ]] && break; done
        if declare -F _command_offset >/dev/null; then
            _command_offset $((i + 1))
        elif ((i + 1 == COMP_CWORD)); then
            mapfile -t COMPREPLY < <(compgen -c -- "$current")
        else
            compopt -o default
        fi
        return
    fi

    # Only what stands behind the last break is replaced.
    local breaks= kept=
    [[ $COMP_WORDBREAKS == *:* ]] && breaks+=:
    [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
    [[ $breaks && $typed != [\"\']* ]] && kept=${current%"${current##*[$breaks]}"}
    COMPREPLY=()
    for word in "${found[@]}"; do
        word=${word#"$kept"}
        [[ $more || $typed == [\"\']* ]] || printf -v word %q "$word"
        COMPREPLY+=("$word")
    done
    if [[ $more ]]; then
        compopt -o filenames
        word=$current
        [[ $word == -*=* ]] && word=${word#*=}
        [[ $more == :folders ]] && i=-d || i=-f
        while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen "$i" -- "$word")
    fi
}

complete -F _dbfixture dbfixture
)sh";

constexpr std::string_view kZsh = R"sh(#compdef dbfixture
# Completion of dbfixture's command lines in zsh.

_dbfixture() {
    local program=${~${(Q)words[1]}} line more
    local -a before names shown
    (( CURRENT > 2 )) && before=("${(@Q)words[2,CURRENT-1]}")
    for line in ${(f)"$("$program" __complete "${before[@]}" "${(Q)PREFIX}" 2>/dev/null)"}; do
        case $line in
            :*) more=$line ;;
            *$'\t'*)
                names+=("${line%%$'\t'*}")
                shown+=("${line%%$'\t'*}  -- ${line#*$'\t'}") ;;
            *)
                names+=("$line")
                shown+=("$line") ;;
        esac
    done
    local result=1
    if (( $#names )); then
        if [[ $shown[1] == *'  -- '* ]]; then
            compadd -l -d shown -a names && result=0
        else
            compadd -a names && result=0
        fi
    fi
    [[ $more != :command && $PREFIX == -*=* ]] && compset -P '*='
    case $more in
        :files) _files && result=0 ;;
        :folders) _files -/ && result=0 ;;
        :command)
            local at=${words[(i)--]}
            shift $at words
            (( CURRENT -= at ))
            _normal && result=0 ;;
    esac
    return result
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    _dbfixture "$@"
else
    compdef _dbfixture dbfixture
fi
)sh";

constexpr std::string_view kFish = R"sh(# Completion of dbfixture's command lines in fish.

function __dbfixture_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    set -l plain (string unescape -- $current)
    and set current $plain
    for line in (command $program __complete $words "$current" 2>/dev/null)
        switch $line
            case ':files' ':folders'
                set -l before (string match -r -- '^-[^=]*=' $current; or echo)
                set -l begun (string replace -r -- '^-[^=]*=' '' $current)
                for path in (__fish_complete_path "$begun")
                    if test $line = :files; or string match -q '*/*' -- (string split -m1 \t -- $path)[1]
                        echo $before$path
                    end
                end
            case ':command'
                set -l at (contains -i -- -- $words)
                complete -C(string join -- ' ' (string escape -- $words[(math $at + 1)..-1]) (commandline -ct))
            case '*'
                echo $line
        end
    end
end

complete -c dbfixture -f -k -a '(__dbfixture_complete)'
)sh";

}  // namespace

std::string_view completion_script(std::string_view shell) {
    if (shell == "bash") return kBash;
    if (shell == "zsh") return kZsh;
    if (shell == "fish") return kFish;
    return {};
}

}  // namespace dbfixture
