# 4xx by status, path, client and hour of a log in the combined format, and their sum first.
BEGIN { FS = "\"" }
{
    split($3, answer, " ")
    if (answer[1] < 400 || answer[1] > 499) next
    split($1, head, " ")
    split($2, request, " ")
    sub(/\?.*/, "", request[2])
    errors++
    status[answer[1]]++
    path[request[2]]++
    client[head[1]]++
    hour[substr(head[4], 2, 14)]++
}
END {
    print errors
    for (key in status) print key, status[key]
    for (key in path) print key, path[key]
    for (key in client) print key, client[key]
    for (key in hour) print key, hour[key]
}
