#!/bin/bash
# Measures logscan beside what else is installed, in turn, and prints a table in Markdown.
#
# benches/compare.sh [--lines N] [--runs N] [--keep DIR] [--logscan PROGRAM] [--case PATTERN]...
#
#   --lines N          lines of each log (5000000)
#   --runs N           runs of each pair (7); the slow programs run once
#   --keep DIR         make the logs there, keep them, and take those that are there already;
#                      else they are made under target/ and removed at the end
#   --logscan PROGRAM  measure this one; else target/release/logscan is built and measured
#   --case PATTERN     only these: {ordinary,unique,timed}-{plain,gz,members,zst}, small, empty,
#                      rotated, servers; a pattern of the shell, as 'unique-*'; may be repeated.
#                      days, twenty times the lines, is measured only where it is named
#
# The logs come from `cargo bench --bench corpus`. Bash, coreutils, gzip and python3 are needed;
# every other program is measured where it is installed, and named where it is not. Three logs of
# 5,000,000 lines take some 6 GB, and should fit into memory. Nothing else should be running.
#
# A ratio below 1 says that logscan is the faster. Every program does the closest it has to "4xx by
# status, path, client and hour"; what only decompresses or counts lines is there as a limit.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/.."

lines=5000000 runs=7 keep="" logscan="" patterns=()
usage() {
    sed -n '/^# benches/,/^# The logs/p' "$0" | sed -e '$d' -e 's/^# \{0,1\}//'
}
while [ $# -gt 0 ]; do
    case $1 in
    --help) usage && exit ;;
    --lines | --runs | --keep | --logscan | --case)
        [ $# -gt 1 ] || { echo "compare: $1 needs a value" >&2 && exit 2; }
        case $1 in
        --lines) lines=$2 ;;
        --runs) runs=$2 ;;
        --keep) keep=$2 ;;
        --logscan) logscan=$(realpath "$2") ;;
        --case) patterns+=("$2") ;;
        esac
        shift 2
        ;;
    *) usage >&2 && exit 2 ;;
    esac
done

# ---------------------------------------------------------------------------------------------
# Logs, made when they are wanted. Each function prints the path of what it makes.

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
# What another generator made, or with other numbers, is not taken.
made_by=$(cat benches/corpus/*.rs | cksum | cut -d ' ' -f 1)
if [ -n "$keep" ]; then
    mkdir -p "$keep"
    folder=$(realpath "$keep")/$lines-$made_by
else
    mkdir -p "$target"
    folder=$(mktemp -d "$target/compare.XXXXXX")
    trap 'rm -rf "$folder"' EXIT
fi
mkdir -p "$folder"

# make PATH COMMAND...: what the command writes to standard output, unless it is there.
make() {
    local path=$1
    shift
    if [ ! -e "$path" ]; then
        echo "making ${path##*/}" >&2
        mkdir -p "${path%/*}"
        "$@" >"$path.part"
        mv "$path.part" "$path"
    fi
    echo "$path"
}

# generate PATH KIND LINES: the log, and beside it what is true of it.
generate() {
    [ ! -e "$1.truth" ] || return 0
    echo "making ${1##*/}" >&2
    if ! cargo bench --quiet --locked --bench corpus -- --kind "$2" --lines "$3" "$1" 2>"$1.told"
    then
        cat "$1.told" >&2
        return 1
    fi
    mv "$1.told" "$1.truth"
}

members() {
    split --line-bytes=16M --filter='gzip -6' "$1"
}

# log KIND PACKING
log() {
    local plain=$folder/$1.log
    generate "$plain" "$1" "$lines"
    case $2 in
    plain) echo "$plain" ;;
    gz) make "$plain.gz" gzip -6 -c "$plain" ;;
    members) make "$folder/$1.members.log.gz" members "$plain" ;;
    zst) make "$plain.zst" zstd -q -3 -c "$plain" ;;
    esac
}

# Eight parts of a log as logrotate leaves them; .8 is the oldest.
rotated() {
    local plain=$1 number=8 part
    rm -rf "$folder/rotated.part"
    mkdir "$folder/rotated.part"
    split --number=l/8 "$plain" "$folder/rotated.part/"
    for part in "$folder/rotated.part"/*; do
        gzip -6 -c "$part" >"$folder/rotated.part/access.log.$number.gz"
        rm "$part"
        number=$((number - 1))
    done
    mv "$folder/rotated.part" "$folder/rotated"
}

# The logs of twenty servers that take requests in turn: one population of clients and paths, and
# together the lines of the one log.
servers() {
    rm -rf "$folder/servers.part"
    mkdir "$folder/servers.part"
    # Twenty streams at once; gzip waits for its next lines.
    split --number=r/20 --numeric-suffixes=1 --filter='gzip -6 >$FILE.gz' \
        "$1" "$folder/servers.part/server-"
    mv "$folder/servers.part" "$folder/servers"
}

# Twenty days of one site, each in a gzip of its own and with the lines of the one log: one population
# of clients and paths.
days() {
    rm -rf "$folder/days.part"
    mkdir "$folder/days.part"
    cargo bench --quiet --locked --bench corpus -- --kind ordinary \
        --lines $((lines * 20)) --seconds $((86400 * 20)) - 2>"$folder/days.told" |
        split --lines="$lines" --numeric-suffixes=1 --filter='gzip -6 >$FILE.gz' \
            - "$folder/days.part/day-"
    mv "$folder/days.told" "$folder/days.truth"
    mv "$folder/days.part" "$folder/days"
}

# truth LOG NAME: a number of what is true of a log.
truth() {
    sed -n "s/^$2  *//p" "$1.truth"
}

# ---------------------------------------------------------------------------------------------
# Programs. Each takes a log and what is true of it, and adds a row; `beside` runs the pair.

missing=()
# has NAME [COMMAND...]: whether it is installed, by a command that succeeds then.
has() {
    local name=$1
    shift
    if [ $# -eq 0 ]; then set -- command -v "$name"; fi
    if "$@" >/dev/null 2>&1; then return; fi
    case " ${missing[*]-} " in *" $name "*) ;; *) missing+=("$name") ;; esac
    return 1
}

# beside LABEL PROGRAM EXPECTED OPTIONS... -- COMMAND...: logscan over $file, and the command. An
# expectation that is empty is none.
beside() {
    local label=$1 program=$2 expected=$3 options=()
    shift 3
    [ -z "$expected" ] || options+=(--expect-other "$expected")
    while [ "$1" != -- ]; do options+=("$1") && shift; done
    python3 benches/compare/pairs.py --runs "$runs" --expect "\"4xx\": $errors\\b" \
        ${options[@]+"${options[@]}"} "$label" "$program" -- "$logscan" --json "${files[@]}" "$@"
}

databases() {
    local label=$1 file=${files[0]}
    if has "chdb(Python)" python3 -c 'import chdb'; then
        beside "$label" "ClickHouse (chdb)" "\\b$errors\$" \
            -- python3 benches/compare/clickhouse_tables.py "$file"
    fi
    if has "duckdb(Python)" python3 -c 'import duckdb'; then
        beside "$label" "DuckDB" "\\b$errors\$" -- python3 benches/compare/duckdb_tables.py "$file"
    fi
}

# compare KIND PACKING
compare() {
    local kind=$1 packing=$2 label="$1, $2" file files errors
    if [ "$packing" = zst ] && ! has zstd; then return; fi
    # Not in one line: the exit status of the function would be lost.
    file=$(log "$kind" "$packing")
    files=("$file")
    errors=$(truth "$folder/$kind.log" "client errors")
    case $packing in
    plain) beside "$label" '`wc -l`' "^$lines\\b" -- wc -l "$file" ;;
    gz | members)
        if has igzip; then beside "$label" '`igzip -dc`' "" -- igzip -dc "$file"; fi
        beside "$label" '`gzip -dc`' "" -- gzip -dc "$file"
        ;;
    zst) beside "$label" '`zstd -dc`' "" -- zstd -q -dc "$file" ;;
    esac
    # Their queries and patterns are written for the combined format; none reads members.
    if [ "$kind" = timed ] || [ "$packing" = members ]; then return; fi
    databases "$label"
    if [ "$packing" = zst ]; then return; fi
    if has rhit; then
        beside "$label" rhit "" -- \
            rhit --silent-load --no-name-check -s 4xx -f date,status,ip,paths "$file"
    fi
    if [ "$packing" = gz ]; then return; fi
    if has mawk; then
        beside "$label" "mawk, one script" "^$errors\$" -- mawk -f benches/compare/tables.awk "$file"
    fi
    if has logswan; then beside "$label" logswan "" -- logswan "$file"; fi
    if has agrind; then
        beside "$label" "angle-grinder, by path" "" --once -- agrind --file "$file" \
            '* | parse "* - * [*] \"* * *\" * * " as ip, user, time, method, url, protocol, status, bytes | where status >= 400 | where status < 500 | count by url'
    fi
    if has goaccess; then
        beside "$label" goaccess "" --once -- \
            goaccess "$file" --log-format=COMBINED --no-global-config --no-progress -o json
    fi
}

# A day of a small site: what starting costs shows.
small() {
    local file=$folder/small.log files errors
    generate "$file" ordinary 98000
    files=("$file")
    errors=$(truth "$file" "client errors")
    if has mawk; then
        beside "25 MB, plain" 'mawk `c[$9]++`' "^404 " -- \
            mawk '{ c[$9]++ } END { for (k in c) print k, c[k] }' "$file"
    fi
}

empty() {
    local files=("$folder/empty.log") errors=0
    : >"${files[0]}"
    beside "empty file" '`/bin/true`' "" -- /bin/true
}

eight_rotated() {
    local plain errors files file
    if ! has igzip; then return; fi
    plain=$(log ordinary plain)
    [ -e "$folder/rotated" ] || rotated "$plain"
    # In the order of the log.
    files=("$folder"/rotated/access.log.{8..1}.gz)
    file=$(make "$folder/rotated.gz" cat "${files[@]}")
    errors=$(truth "$plain" "client errors")
    beside "8 rotated, gz" '`igzip -dc` of them in one' "" -- igzip -dc "$file"
}

twenty_servers() {
    local plain one errors files
    plain=$(log ordinary plain)
    one=$(log ordinary gz)
    [ -e "$folder/servers" ] || servers "$plain"
    files=("$folder"/servers/server-*.gz)
    errors=$(truth "$plain" "client errors")
    beside "20 servers, gz" "logscan, all in one gz" "\"4xx\": $errors\\b" -- \
        "$logscan" --json "$one"
}

# Time beside twenty times one day's, memory beside two days'.
twenty_days() {
    local errors files
    [ -e "$folder/days" ] || days
    files=("$folder"/days/day-*.gz)
    errors=$(truth "$folder/days" "client errors")
    beside "20 days, gz" "logscan, one day of them" "" --once -- "$logscan" --json "${files[0]}"
    beside "20 days, gz" "logscan, two days of them" "" --once -- \
        "$logscan" --json "${files[0]}" "${files[1]}"
}

# ---------------------------------------------------------------------------------------------

if [ -z "$logscan" ]; then
    cargo build --quiet --release --locked
    logscan=$target/release/logscan
fi

# wanted CASE
wanted() {
    local pattern
    [ ${#patterns[@]} -gt 0 ] || return 0
    for pattern in "${patterns[@]}"; do
        # A pattern is meant.
        # shellcheck disable=SC2254
        case $1 in $pattern) return 0 ;; esac
    done
    return 1
}

processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
printf '%s\n' "$("$logscan" --version), $(nproc) cores${processor:+ of $processor}," \
    "$lines lines, medians of $runs runs in turn, load $(cut -d ' ' -f 1 /proc/loadavg) before."
printf '\n| log | beside | its s | logscan s | ratio, min | ratio, median | its MiB | logscan MiB |\n'
printf '| --- | --- | --- | --- | --- | --- | --- | --- |\n'
for kind in ordinary unique timed; do
    for packing in plain gz members zst; do
        if wanted "$kind-$packing"; then compare "$kind" "$packing"; fi
    done
done
if wanted small; then small; fi
if wanted empty; then empty; fi
if wanted rotated; then eight_rotated; fi
if wanted servers; then twenty_servers; fi
# Only by its name: it takes an hour and 20 GB.
if [ ${#patterns[@]} -gt 0 ] && wanted days; then twenty_days; fi
if [ ${#missing[@]} -gt 0 ]; then
    printf '\nLeft out, since they are not installed: %s.\n' "${missing[*]}"
fi
