//! Rows of the registered codes 400 to 412 (IANA HTTP Status Code Registry; RFC 9110 §15.5).

use super::{
    APPLICATION_PAGE, APPLICATION_RESPONSE, Caching, Constants, EXPLAIN, LEAVES_INDEX, StatusCode,
};

/// Registered codes up to 412, sorted.
pub(super) const TO_412: [StatusCode; 13] = [
    StatusCode {
        code: 400,
        name: "Bad Request",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.1",
        registered: true,
        meaning: "The server could not make sense of the request: broken syntax, a bad Host or \
            Content-Length, or an application that rejects its input. In nginx logs it also \
            covers TLS bytes sent to a plain port and clients that left before the request was \
            complete.",
        nginx_logs: "Logged for a malformed request line or header, and with 0 bytes when the \
            client goes away while nginx still reads the request line, the headers or the body. \
            The internal codes 494, 495, 496 and 497 are logged as 400 too. A connection that \
            closes without sending a byte is not logged (since 1.3.15).",
        client_sees: "A short error page when the request was really bad; nothing at all when \
            the log shows 0 bytes.",
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "Not as it is: the same bytes fail again. Correct the request first.",
        search: LEAVES_INDEX,
        look_first: "Read the request field and the bytes sent. 0 bytes is a client that \
            vanished, \\x16\\x03 is TLS on a plain port. For the reason set error_log to level \
            info, where nginx says 'client sent invalid ...'. If they began with an upgrade of \
            nginx, see its change list: 1.21.1 and 1.29.4 became stricter.",
        constants: Constants {
            python3: Some("http.HTTPStatus.BAD_REQUEST"),
            python2: Some("httplib.BAD_REQUEST"),
            go: Some("http.StatusBadRequest"),
            rails: Some(":bad_request"),
            symfony: Some("Response::HTTP_BAD_REQUEST"),
            rust: Some("http::StatusCode::BAD_REQUEST"),
            node: Some("http.STATUS_CODES[400] = 'Bad Request'"),
        },
    },
    StatusCode {
        code: 401,
        name: "Unauthorized",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.2",
        registered: true,
        meaning: "The request has no valid credentials for this resource. The first 401 of a \
            login is normal; a long run of them from one client is password guessing or an \
            expired token.",
        nginx_logs: "Logged by auth_basic for missing or wrong credentials, and by auth_request \
            when the authentication service answers 401. Any answer of that service other than \
            2xx, 401 or 403 becomes 500.",
        client_sees: "The error page with a WWW-Authenticate header from auth_basic, or the \
            application's own answer.",
        caching: Caching::ExplicitOnly,
        server_obligations: "MUST send WWW-Authenticate with at least one challenge that fits \
            the resource (RFC 9110 §11.6.1).",
        client_retry: "MAY repeat with new or other credentials. When the same challenge comes \
            back after a try, the browser should show the page to the user.",
        search: "Google treats it as any 4xx but 429: the URL counts as non-existent and leaves \
            the index, and crawling does not slow down. Do not use it to hold crawlers back.",
        look_first: "Group by client and by $remote_user, which holds the claimed name even when \
            the password was wrong. The error log says 'password mismatch' or 'was not found' \
            for auth_basic; for tokens, check their expiry and the server clock.",
        constants: Constants {
            python3: Some("http.HTTPStatus.UNAUTHORIZED"),
            python2: Some("httplib.UNAUTHORIZED"),
            go: Some("http.StatusUnauthorized"),
            rails: Some(":unauthorized"),
            symfony: Some("Response::HTTP_UNAUTHORIZED"),
            rust: Some("http::StatusCode::UNAUTHORIZED"),
            node: Some("http.STATUS_CODES[401] = 'Unauthorized'"),
        },
    },
    StatusCode {
        code: 402,
        name: "Payment Required",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.3",
        registered: true,
        meaning: "Reserved by the RFC for later use, so its meaning is up to the application: an \
            unpaid account, a used-up quota, a paid API. Shopify, for one, answers it for a shop \
            that is frozen over an unpaid bill.",
        nginx_logs: APPLICATION_PAGE,
        client_sees: APPLICATION_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "Not until whatever the application asks for has been paid or settled.",
        search: LEAVES_INDEX,
        look_first: "The response body and the documentation of the application: find out which \
            account or quota it means.",
        constants: Constants {
            python3: Some("http.HTTPStatus.PAYMENT_REQUIRED"),
            python2: Some("httplib.PAYMENT_REQUIRED"),
            go: Some("http.StatusPaymentRequired"),
            rails: Some(":payment_required"),
            symfony: Some("Response::HTTP_PAYMENT_REQUIRED"),
            rust: Some("http::StatusCode::PAYMENT_REQUIRED"),
            node: Some("http.STATUS_CODES[402] = 'Payment Required'"),
        },
    },
    StatusCode {
        code: 403,
        name: "Forbidden",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.4",
        registered: true,
        meaning: "The server understood the request and refuses it. Logging in again with the \
            same account does not help; the cause may be a rule, a file permission or a firewall \
            and have nothing to do with accounts.",
        nginx_logs: "Logged for deny rules, for a directory with neither an index file nor \
            autoindex, for a file the worker may not read, for a missing auth_basic_user_file, \
            and for return 403 or auth_request.",
        client_sees: "The error page, or the application's or firewall's own page.",
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "SHOULD NOT repeat automatically with the same credentials; MAY repeat \
            with others.",
        search: "Google treats it as any 4xx but 429: the URL leaves the index and crawling does \
            not slow down. A firewall that answers crawlers 403 removes pages. Baidu is said to \
            check again a few times before it drops them.",
        look_first: "The error log names the cause: 'access forbidden by rule', 'directory index \
            of ... is forbidden', or '(13: Permission denied)'. With no such line the answer \
            came from the application or a firewall. For permissions run namei -l on the path.",
        constants: Constants {
            python3: Some("http.HTTPStatus.FORBIDDEN"),
            python2: Some("httplib.FORBIDDEN"),
            go: Some("http.StatusForbidden"),
            rails: Some(":forbidden"),
            symfony: Some("Response::HTTP_FORBIDDEN"),
            rust: Some("http::StatusCode::FORBIDDEN"),
            node: Some("http.STATUS_CODES[403] = 'Forbidden'"),
        },
    },
    StatusCode {
        code: 404,
        name: "Not Found",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.5",
        registered: true,
        meaning: "Nothing is there, or the server will not say. The code does not tell whether \
            that is for a moment or for good; 410 says for good.",
        nginx_logs: "Logged for a file that does not exist, a missing index, an internal \
            location asked for from outside, and for an upstream's own 404. With error_page 404 \
            /x the logged status stays 404; with error_page 404 = /x it becomes the status of \
            /x.",
        client_sees: "The error page of nginx or of the application; the body size usually tells \
            which of the two.",
        caching: Caching::Heuristic,
        server_obligations: EXPLAIN,
        client_retry: "Can ask again at any time, but nothing promises another answer.",
        search: "Google drops the URL from the index, does not slow crawling, and makes \
            practically no difference between 404 and 410. A 404 is the right answer for a page \
            with no successor; redirecting all of them to the home page makes soft 404s. On \
            /robots.txt it means no restrictions.",
        look_first: "Sort by path and look at the referers: an own page means a broken link, an \
            outside site a lost backlink, none at all a crawler or a scanner. The error log has \
            'open() ... failed (2: No such file or directory)' with the file nginx looked for; \
            compare it with root and alias. After a fix, clear caches and the CDN.",
        constants: Constants {
            python3: Some("http.HTTPStatus.NOT_FOUND"),
            python2: Some("httplib.NOT_FOUND"),
            go: Some("http.StatusNotFound"),
            rails: Some(":not_found"),
            symfony: Some("Response::HTTP_NOT_FOUND"),
            rust: Some("http::StatusCode::NOT_FOUND"),
            node: Some("http.STATUS_CODES[404] = 'Not Found'"),
        },
    },
    StatusCode {
        code: 405,
        name: "Method Not Allowed",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.6",
        registered: true,
        meaning: "The resource exists but does not take this method, such as a POST to a static \
            file.",
        nginx_logs: "Logged for POST and other writing methods on static files, always for \
            TRACE, for CONNECT (400 from 1.21.1 to 1.29.2), and for methods that stub_status, \
            empty_gif or memcached do not take.",
        client_sees: "A page titled '405 Not Allowed', the wording of nginx, without an Allow \
            header.",
        caching: Caching::Heuristic,
        server_obligations: "The origin server MUST send Allow with the methods the resource \
            takes, an empty list if none (RFC 9110 §15.5.6). The page of nginx itself does not; \
            add the header yourself if clients rely on it.",
        client_retry: "Only with one of the methods in Allow.",
        search: LEAVES_INDEX,
        look_first: "Method and path together: often a form or API call whose path matches no \
            proxy_pass location and so lands on static files. HEAD answered 405 while GET works \
            breaks link checkers.",
        constants: Constants {
            python3: Some("http.HTTPStatus.METHOD_NOT_ALLOWED"),
            python2: Some("httplib.METHOD_NOT_ALLOWED"),
            go: Some("http.StatusMethodNotAllowed"),
            rails: Some(":method_not_allowed"),
            symfony: Some("Response::HTTP_METHOD_NOT_ALLOWED"),
            rust: Some("http::StatusCode::METHOD_NOT_ALLOWED"),
            node: Some("http.STATUS_CODES[405] = 'Method Not Allowed'"),
        },
    },
    StatusCode {
        code: 406,
        name: "Not Acceptable",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.7",
        registered: true,
        meaning: "The server has no version of the resource that fits the Accept headers of the \
            client, and will not send another.",
        nginx_logs: APPLICATION_PAGE,
        client_sees: APPLICATION_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: "SHOULD send a list of the versions it has, so that the user or \
            client can choose (RFC 9110 §15.5.7).",
        client_retry: "Can repeat with wider Accept, Accept-Language or Accept-Encoding headers; \
            MAY choose from the list by itself.",
        search: LEAVES_INDEX,
        look_first: "The Accept headers of the failing client (log $http_accept for a while) \
            against what the application offers. A client with no Accept at all or a strict one \
            such as application/json only is the usual cause.",
        constants: Constants {
            python3: Some("http.HTTPStatus.NOT_ACCEPTABLE"),
            python2: Some("httplib.NOT_ACCEPTABLE"),
            go: Some("http.StatusNotAcceptable"),
            rails: Some(":not_acceptable"),
            symfony: Some("Response::HTTP_NOT_ACCEPTABLE"),
            rust: Some("http::StatusCode::NOT_ACCEPTABLE"),
            node: Some("http.STATUS_CODES[406] = 'Not Acceptable'"),
        },
    },
    StatusCode {
        code: 407,
        name: "Proxy Authentication Required",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.8",
        registered: true,
        meaning: "As 401, but the proxy in between wants the credentials. On a public web server \
            it is almost always somebody trying it as an open proxy.",
        nginx_logs: "Logged only where nginx is a forward proxy with auth_basic (tunnel module, \
            since 1.31); else it comes from an upstream.",
        client_sees: "The error page with Proxy-Authenticate, or the upstream's answer.",
        caching: Caching::ExplicitOnly,
        server_obligations: "The proxy MUST send Proxy-Authenticate with a challenge that fits \
            it (RFC 9110 §11.7.1).",
        client_retry: "MAY repeat with a new or replaced Proxy-Authorization header.",
        search: LEAVES_INDEX,
        look_first: "Whether this host should be a proxy at all: search nginx -T for tunnel and \
            for proxy_pass with variables. If an upstream sends it, check the outgoing proxy \
            settings of the application.",
        constants: Constants {
            python3: Some("http.HTTPStatus.PROXY_AUTHENTICATION_REQUIRED"),
            python2: Some("httplib.PROXY_AUTHENTICATION_REQUIRED"),
            go: Some("http.StatusProxyAuthRequired"),
            rails: Some(":proxy_authentication_required"),
            symfony: Some("Response::HTTP_PROXY_AUTHENTICATION_REQUIRED"),
            rust: Some("http::StatusCode::PROXY_AUTHENTICATION_REQUIRED"),
            node: Some("http.STATUS_CODES[407] = 'Proxy Authentication Required'"),
        },
    },
    StatusCode {
        code: 408,
        name: "Request Timeout",
        former_names: &["Request Time-out"],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.9",
        registered: true,
        meaning: "The client did not deliver its request in time: an idle or slow connection, a \
            stalled upload, or an attack that sends bytes slowly on purpose.",
        nginx_logs: "Logged when client_header_timeout or client_body_timeout runs out, when \
            send_timeout does before anything was sent, and for return 408. The request field \
            may be empty or cut off, and the bytes are 0.",
        client_sees: "Nothing: nginx closes the connection without an answer (with a reset when \
            reset_timedout_connection is on).",
        caching: Caching::ExplicitOnly,
        server_obligations: "RFC 9110 asks for no header; RFC 7231 still wanted Connection: \
            close (SHOULD). For the rest an explanation (RFC 9110 §15.5: SHOULD), which nginx \
            does not send.",
        client_retry: "MAY repeat the request, on a new connection if this one is no longer \
            usable.",
        search: "A crawler would see a closed connection, which Google handles like a server \
            error, but crawlers send short requests and rarely meet it.",
        look_first: "The request time: values just over 60 s fit the defaults of \
            client_header_timeout and client_body_timeout. POST and PUT lines point to slow \
            uploads, empty ones from many addresses to scanners or a slowloris attack; then look \
            at limit_conn.",
        constants: Constants {
            python3: Some("http.HTTPStatus.REQUEST_TIMEOUT"),
            python2: Some("httplib.REQUEST_TIMEOUT"),
            go: Some("http.StatusRequestTimeout"),
            rails: Some(":request_timeout"),
            symfony: Some("Response::HTTP_REQUEST_TIMEOUT"),
            rust: Some("http::StatusCode::REQUEST_TIMEOUT"),
            node: Some("http.STATUS_CODES[408] = 'Request Timeout'"),
        },
    },
    StatusCode {
        code: 409,
        name: "Conflict",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.10",
        registered: true,
        meaning: "The request clashes with the present state of the resource, for example an \
            edit of a version that has changed in the meantime or a name that is taken.",
        nginx_logs: "Logged by the WebDAV module for a PUT, MKCOL or COPY into a folder that \
            does not exist, or a missing or extra trailing slash; else by the application.",
        client_sees: APPLICATION_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: "SHOULD send enough detail for the user to find the source of the \
            conflict (RFC 9110 §15.5.10).",
        client_retry: "After the conflict is solved: fetch the present state, merge, send again.",
        search: LEAVES_INDEX,
        look_first: "The application log at the same second. For WebDAV, the error log names the \
            folder; create it or check create_full_put_path.",
        constants: Constants {
            python3: Some("http.HTTPStatus.CONFLICT"),
            python2: Some("httplib.CONFLICT"),
            go: Some("http.StatusConflict"),
            rails: Some(":conflict"),
            symfony: Some("Response::HTTP_CONFLICT"),
            rust: Some("http::StatusCode::CONFLICT"),
            node: Some("http.STATUS_CODES[409] = 'Conflict'"),
        },
    },
    StatusCode {
        code: 410,
        name: "Gone",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.11",
        registered: true,
        meaning: "The resource was here, is gone, and is not expected back. It asks the owners \
            of links to remove them.",
        nginx_logs: "Logged only for return 410 in the configuration or an upstream's own 410.",
        client_sees: "The error page of nginx or of the application.",
        caching: Caching::Heuristic,
        server_obligations: EXPLAIN,
        client_retry: "Not expected to: links to it should be removed.",
        search: "Google treats it practically as 404: the URL leaves the index, a little sooner \
            at best, and both are checked again now and then. It does not slow crawling.",
        look_first: "Whether the page should really be gone: search nginx -T for 'return 410'. \
            If own pages still link to it, fix the links; if a successor exists, answer 301 in \
            its place. Caches may keep a 410 that was sent by mistake.",
        constants: Constants {
            python3: Some("http.HTTPStatus.GONE"),
            python2: Some("httplib.GONE"),
            go: Some("http.StatusGone"),
            rails: Some(":gone"),
            symfony: Some("Response::HTTP_GONE"),
            rust: Some("http::StatusCode::GONE"),
            node: Some("http.STATUS_CODES[410] = 'Gone'"),
        },
    },
    StatusCode {
        code: 411,
        name: "Length Required",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.12",
        registered: true,
        meaning: "The server refuses a body whose length was not announced in Content-Length.",
        nginx_logs: "Current nginx takes chunked bodies and never says this; before 1.3.9 it did \
            for chunked requests. Today it comes from return 411 or an upstream.",
        client_sees: APPLICATION_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "MAY repeat with a valid Content-Length.",
        search: LEAVES_INDEX,
        look_first: "The client that sends chunked bodies, and the upstream that refuses them: \
            proxy_request_buffering on makes nginx send a Content-Length.",
        constants: Constants {
            python3: Some("http.HTTPStatus.LENGTH_REQUIRED"),
            python2: Some("httplib.LENGTH_REQUIRED"),
            go: Some("http.StatusLengthRequired"),
            rails: Some(":length_required"),
            symfony: Some("Response::HTTP_LENGTH_REQUIRED"),
            rust: Some("http::StatusCode::LENGTH_REQUIRED"),
            node: Some("http.STATUS_CODES[411] = 'Length Required'"),
        },
    },
    StatusCode {
        code: 412,
        name: "Precondition Failed",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.13",
        registered: true,
        meaning: "The request was conditional (If-Match, If-Unmodified-Since and the like) and \
            the condition does not hold: somebody else changed the resource first.",
        nginx_logs: "Logged for static files when If-Match or If-Unmodified-Since fails; else by \
            the application.",
        client_sees: "The error page, or the application's answer.",
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "After fetching the present version and its ETag or date.",
        search: LEAVES_INDEX,
        look_first: "The If-Match or If-Unmodified-Since header against the present ETag and \
            Last-Modified. Several servers with different file dates or ETags behind one name \
            are a common cause.",
        constants: Constants {
            python3: Some("http.HTTPStatus.PRECONDITION_FAILED"),
            python2: Some("httplib.PRECONDITION_FAILED"),
            go: Some("http.StatusPreconditionFailed"),
            rails: Some(":precondition_failed"),
            symfony: Some("Response::HTTP_PRECONDITION_FAILED"),
            rust: Some("http::StatusCode::PRECONDITION_FAILED"),
            node: Some("http.STATUS_CODES[412] = 'Precondition Failed'"),
        },
    },
];
