"""Custom formats, five of each server: what is configured, and what their lines must say.

The same requests go to a server whatever it logs; so a line in one of these formats is about
the request whose line in the server's own format was checked already. What is kept of the
expectation is what the format tells: a status and a client always, method and path where it
holds the whole request line.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Custom:
    """One log: its file's stem, the format as `logscan -f` takes it, and how the server is told."""

    id: str
    text: str
    directive: str
    has_request: bool = True

    def fault(self, line, text):
        return None

    def expected(self, case, text):
        line = case.line
        row = {"case": case.name, "sent": case.sent, "status": line.status, "client": line.client}
        # An escape is undone where the medium has escapes of its own, JSON say: only paths without are compared.
        if self.has_request and "\\" not in line.request:
            row |= {"method": line.method, "path": line.path}
        return row


def nginx(number, text, has_request=True, escape="default"):
    name = f"nginx-custom-{number}"
    spelt = text.replace("\t", "\\t")
    prefix = "" if escape == "default" else f"escape={escape} "
    conf = f"log_format custom{number} {prefix}'{spelt}';\n    access_log {name}.log custom{number};"
    return Custom(name, prefix + text, conf, has_request)


def apache(number, text, has_request=True):
    name = f"apache-custom-{number}"
    spelt = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return Custom(name, text, f'LogFormat "{spelt}" custom{number}\nCustomLog {name}.log custom{number}', has_request)


NGINX = (
    nginx(1, '$remote_addr - $remote_user [$time_iso8601] "$request" $status $body_bytes_sent $request_time '
             '"$upstream_addr" "$upstream_status" "$upstream_response_time" "$http_referer" "$http_user_agent"'),
    nginx(2, '$msec $status $remote_addr $request_method "$request_uri" $bytes_sent $request_length '
             '$limit_req_status "$http_user_agent" $request_id', has_request=False),
    nginx(3, '{"time":"$time_iso8601","client":"$remote_addr","request":"$request","status":$status,'
             '"bytes":$body_bytes_sent,"rt":$request_time,"urt":"$upstream_response_time",'
             '"ua":"$http_user_agent","host":"$host"}', escape="json"),
    nginx(4, '$status|$time_local|$host|$remote_addr|$request_completion|$body_bytes_sent|$request_time|"$request"'),
    nginx(5, 'time:$time_iso8601\thost:$remote_addr\treq:$request\tstatus:$status\tsize:$body_bytes_sent'
             '\treqtime:$request_time\tua:$http_user_agent\tvhost:$host'),
)
APACHE = (
    apache(1, '%v:%p %a %l %u %t "%r" %>s %O %D "%{Referer}i" "%{User-Agent}i"'),
    apache(2, '%{%Y-%m-%dT%H:%M:%S}t.%{msec_frac}t %h "%m %U%q %H" %>s %B %T', has_request=False),
    apache(3, '{"time":"%{%Y-%m-%dT%H:%M:%S%z}t","client":"%h","request":"%r","status":%>s,"bytes":%B,'
              '"us":%D,"ua":"%{User-Agent}i"}'),
    apache(4, '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %I %O'),
    apache(5, '%{sec}t.%{usec_frac}t|%a|%>s|%X|%{ms}T|"%{Host}i"|"%r"'),
)


def directives(formats):
    return "\n    ".join(format.directive for format in formats)
