# SPDX-License-Identifier: Apache-2.0
# Completion of lexgate(1) for bash. The commands stand here as they do in the table of tools/ctl/commands.c; a test compares.

_lexgate_commands='check
explain --from --rcpt --auth --client --at --hints --rewritten --all --json
test --all-rules
replay --policy --at --json
queue --overdue --expected --owner --client --matter --state --limit --json --csv --as
show --json --as
answer --suggested --no --note --by
close --reason --note --by
reopen --note --by
snooze --until --for --note --by
assign --note --by
priority --note --by
merge --note --by
held --json --postfix-config --as
release --in-clear --note --postfix-config --by
refuse --note --postfix-config --by
calendar due --calendar --client --team --service-level --from --for
calendar elapsed --calendar --client --team --service-level --from --to
calendar next-open --calendar --client --team --service-level --from
calendar show --calendar --client --team --service-level --from --days --json
registry import --check --dry-run
cert import --passphrase-file
cert list --json
cert show --json
cert find --at --json
cert check --json
cert expiring --within --json
cert remove
cert trust
cert harvest --json
cert refresh --json
cert sync --dry-run --json
journal verify --head --writer
journal search --id --client --matter --kind --since --until --open --as
reconcile --since --until --wait --json --as
recompute --client --matter --owner --service-level --yes --json --by
rebuild --yes --recent --timeout
doctor --json --probe --postfix-config
postfix-recipe --strict --postfix-config
postfix-tls-policy'

_lexgate()
{
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=() i
    COMPREPLY=()
    # The words of the command so far, without -c FILE.
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            -c|--config) ((i++)) ;;
            -*) ;;
            *) words+=("${COMP_WORDS[i]}") ;;
        esac
    done
    case $prev in
        -c|--config|--hints|--policy|--passphrase-file)
            mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
        --postfix-config)
            mapfile -t COMPREPLY < <(compgen -d -- "$cur"); return ;;
        --state)
            mapfile -t COMPREPLY < <(compgen -W 'open snoozed provisional answered closed any' -- "$cur"); return ;;
        --kind)
            mapfile -t COMPREPLY < <(compgen -W 'decision queued sent bounced expired released removed act step-sending step-sent closed void unjudged held-sent notice-sent' -- "$cur"); return ;;
    esac
    local known=''
    case ${#words[@]} in
        0) known=$(cut -d' ' -f1 <<<"$_lexgate_commands"; echo --config --help --version) ;;
        1) known=$(grep "^${words[0]} [a-z]" <<<"$_lexgate_commands" | cut -d' ' -f2) ;;
    esac
    if [[ $cur == -* && ${#words[@]} -gt 0 ]]; then
        known=$(grep -E "^(${words[0]} ${words[1]}|${words[0]})( --|\$)" <<<"$_lexgate_commands" | grep -o -- '--[a-z-]*'; echo --config --help)
    fi
    if [[ -n $known ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$known" -- "$cur")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    fi
}
complete -o filenames -F _lexgate lexgate
