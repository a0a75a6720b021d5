//! Rows of the registered codes 413 to 451 (IANA; RFC 9110, 4918, 6585, 7725, 8470).

use super::{
    APPLICATION_ONLY, APPLICATION_RESPONSE, Caching, Constants, EXPLAIN, LEAVES_INDEX, StatusCode,
    UPSTREAM_RESPONSE,
};

/// Registered codes from 413 on, sorted.
pub(super) const FROM_413: [StatusCode; 16] = [
    StatusCode {
        code: 413,
        name: "Content Too Large",
        former_names: &["Payload Too Large", "Request Entity Too Large"],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.14",
        registered: true,
        meaning: "The request body is larger than the server accepts, typically an upload.",
        nginx_logs: "Logged when Content-Length exceeds client_max_body_size (1 MB by default), \
            or a chunked body grows past it. The length is checked before limit_req, so these \
            requests do not count against a rate limit.",
        client_sees: "A page titled '413 Request Entity Too Large', then the connection closes. \
            A client that is still uploading may show a connection reset in place of the page.",
        caching: Caching::ExplicitOnly,
        server_obligations: "SHOULD send Retry-After if the condition is temporary; MAY close \
            the connection (RFC 9110 §15.5.14).",
        client_retry: "With a smaller body, or after Retry-After where it is given.",
        search: LEAVES_INDEX,
        look_first: "The error log: 'client intended to send too large body' with the size. Then \
            client_max_body_size in http, server and location (nginx -T), and the limit of the \
            application, which may be lower (PHP: post_max_size and upload_max_filesize).",
        constants: Constants {
            python3: Some(
                "http.HTTPStatus.CONTENT_TOO_LARGE (3.13+; REQUEST_ENTITY_TOO_LARGE \
                before)",
            ),
            python2: Some("httplib.REQUEST_ENTITY_TOO_LARGE"),
            go: Some("http.StatusRequestEntityTooLarge"),
            rails: Some(":content_too_large (Rack 3.1+; :payload_too_large before)"),
            symfony: Some("Response::HTTP_REQUEST_ENTITY_TOO_LARGE"),
            rust: Some("http::StatusCode::PAYLOAD_TOO_LARGE"),
            node: Some("http.STATUS_CODES[413] = 'Payload Too Large'"),
        },
    },
    StatusCode {
        code: 414,
        name: "URI Too Long",
        former_names: &["Request-URI Too Long", "Request-URI Too Large"],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.15",
        registered: true,
        meaning: "The address is longer than the server reads. Typical are a form sent as GET, a \
            redirect that adds to its own URL each time, or a scanner.",
        nginx_logs: "Logged when the request line does not fit one of the \
            large_client_header_buffers (8 kB). The line is cut at the buffer and has no \
            protocol at its end. Over HTTP/2 a path this long ends in status 000.",
        client_sees: "A page titled '414 Request-URI Too Large'.",
        caching: Caching::Heuristic,
        server_obligations: EXPLAIN,
        client_retry: "Not with this URL; with POST or a shorter query.",
        search: LEAVES_INDEX,
        look_first: "The start of the logged URL: a pattern that repeats is a redirect loop, a \
            long query a GET form, random bytes an attack. Only if the URL is legitimate, raise \
            large_client_header_buffers.",
        constants: Constants {
            python3: Some("http.HTTPStatus.URI_TOO_LONG (3.13+; REQUEST_URI_TOO_LONG before)"),
            python2: Some("httplib.REQUEST_URI_TOO_LONG"),
            go: Some("http.StatusRequestURITooLong"),
            rails: Some(":uri_too_long (:request_uri_too_long up to Rack 1.5)"),
            symfony: Some("Response::HTTP_REQUEST_URI_TOO_LONG"),
            rust: Some("http::StatusCode::URI_TOO_LONG"),
            node: Some("http.STATUS_CODES[414] = 'URI Too Long'"),
        },
    },
    StatusCode {
        code: 415,
        name: "Unsupported Media Type",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.16",
        registered: true,
        meaning: "The body has a Content-Type or Content-Encoding that the server does not take \
            for this method and resource.",
        nginx_logs: "Logged by the WebDAV module for a body where none is allowed and by \
            image_filter for something that is no image; else by the application.",
        client_sees: APPLICATION_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: "Ought to send Accept-Encoding when the coding was refused; can send \
            Accept when the type was (RFC 9110 §15.5.16).",
        client_retry: "With another format or coding, or without compression.",
        search: LEAVES_INDEX,
        look_first: "The Content-Type the client sends (log $content_type): a JSON API called \
            with a form type, or with none, is the usual cause.",
        constants: Constants {
            python3: Some("http.HTTPStatus.UNSUPPORTED_MEDIA_TYPE"),
            python2: Some("httplib.UNSUPPORTED_MEDIA_TYPE"),
            go: Some("http.StatusUnsupportedMediaType"),
            rails: Some(":unsupported_media_type"),
            symfony: Some("Response::HTTP_UNSUPPORTED_MEDIA_TYPE"),
            rust: Some("http::StatusCode::UNSUPPORTED_MEDIA_TYPE"),
            node: Some("http.STATUS_CODES[415] = 'Unsupported Media Type'"),
        },
    },
    StatusCode {
        code: 416,
        name: "Range Not Satisfiable",
        former_names: &["Requested Range Not Satisfiable"],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.17",
        registered: true,
        meaning: "The client asked for a part of the resource that lies outside it, often when \
            it resumes a download of a file that has become shorter, or that it already has in \
            full.",
        nginx_logs: "Logged when no range of the request fits the length of the response.",
        client_sees: "The error page with Content-Range: bytes */LENGTH.",
        caching: Caching::ExplicitOnly,
        server_obligations: "For byte ranges SHOULD send Content-Range with the present length \
            (RFC 9110 §15.5.17). A server may also ignore Range and send 200 with everything.",
        client_retry: "Can ask again without Range, or with one inside the length.",
        search: LEAVES_INDEX,
        look_first: "Whether the file changed or was truncated: compare its size with the Range \
            of the request (log $http_range). Many from one download manager or player are \
            usually harmless.",
        constants: Constants {
            python3: Some(
                "http.HTTPStatus.RANGE_NOT_SATISFIABLE (3.13+; \
                REQUESTED_RANGE_NOT_SATISFIABLE before)",
            ),
            python2: Some("httplib.REQUESTED_RANGE_NOT_SATISFIABLE"),
            go: Some("http.StatusRequestedRangeNotSatisfiable"),
            rails: Some(
                ":range_not_satisfiable (:requested_range_not_satisfiable up to Rack \
                1.5)",
            ),
            symfony: Some("Response::HTTP_REQUESTED_RANGE_NOT_SATISFIABLE"),
            rust: Some("http::StatusCode::RANGE_NOT_SATISFIABLE"),
            node: Some("http.STATUS_CODES[416] = 'Range Not Satisfiable'"),
        },
    },
    StatusCode {
        code: 417,
        name: "Expectation Failed",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.18",
        registered: true,
        meaning: "The server, or a proxy before it, cannot meet what the Expect header asks for. \
            The only expectation defined is 100-continue.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: UPSTREAM_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "Again without the Expect header.",
        search: LEAVES_INDEX,
        look_first: "The client library: turn off its Expect: 100-continue (curl: -H 'Expect:'). \
            Then the upstream or proxy that does not know the header.",
        constants: Constants {
            python3: Some("http.HTTPStatus.EXPECTATION_FAILED"),
            python2: Some("httplib.EXPECTATION_FAILED"),
            go: Some("http.StatusExpectationFailed"),
            rails: Some(":expectation_failed"),
            symfony: Some("Response::HTTP_EXPECTATION_FAILED"),
            rust: Some("http::StatusCode::EXPECTATION_FAILED"),
            node: Some("http.STATUS_CODES[417] = 'Expectation Failed'"),
        },
    },
    StatusCode {
        code: 418,
        name: "(Unused)",
        former_names: &["I'm a teapot"],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.19",
        registered: true,
        meaning: "Reserved and not to be used: it comes from the coffee-pot joke of 1998, RFC \
            2324, which called it \"I'm a teapot\". Some sites answer it to bots they do not \
            want.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: "A status line without a reason phrase and an empty body from return 418; \
            else the application's answer.",
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "Clients treat it as 400 (RFC 9110 §15); there is nothing to wait for.",
        search: "Google has no rule of its own for it: as a 4xx other than 429 the URL leaves \
            the index and crawling does not slow down. Turning bots away with it removes pages \
            from search.",
        look_first: "Search nginx -T for 'return 418' and the application or bot protection for \
            a rule that sends it. Check which user agents got it, search engines above all. An \
            error_page 418 = @name with return 418 is a known way to jump to a location.",
        constants: Constants {
            python3: Some("http.HTTPStatus.IM_A_TEAPOT (3.9+)"),
            python2: None,
            go: Some("http.StatusTeapot"),
            rails: None,
            symfony: Some("Response::HTTP_I_AM_A_TEAPOT"),
            rust: Some("http::StatusCode::IM_A_TEAPOT"),
            node: Some("http.STATUS_CODES[418] = \"I'm a Teapot\""),
        },
    },
    StatusCode {
        code: 421,
        name: "Misdirected Request",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.20",
        registered: true,
        meaning: "The connection reached a server that does not answer for this host name. \
            Typical is a browser that reuses an HTTP/2 connection, because the certificate \
            covers both names.",
        nginx_logs: "Logged when the TLS server name and Host differ and the chosen server \
            verifies client certificates, or when HTTP/2 or HTTP/3 is off for that server (since \
            1.11.0; 400 before).",
        client_sees: "The error page; browsers repeat on a new connection, so users rarely \
            notice.",
        caching: Caching::ExplicitOnly,
        server_obligations: "A proxy MUST NOT generate it (RFC 9110 §15.5.20). An explanation as \
            for every 4xx.",
        client_retry: "MAY repeat over another connection or an alternative service, even when \
            the method is not idempotent.",
        search: "To Google, 421 over HTTP/2 is the documented way to refuse crawling by HTTP/2, \
            not an error; it then comes by HTTP/1.1.",
        look_first: "Host names that share a certificate or an address but differ in \
            ssl_verify_client or http2 (nginx -T). Give them separate certificates or addresses, \
            or the same TLS settings.",
        constants: Constants {
            python3: Some("http.HTTPStatus.MISDIRECTED_REQUEST (3.7+)"),
            python2: None,
            go: Some("http.StatusMisdirectedRequest"),
            rails: Some(":misdirected_request"),
            symfony: Some("Response::HTTP_MISDIRECTED_REQUEST"),
            rust: Some("http::StatusCode::MISDIRECTED_REQUEST"),
            node: Some("http.STATUS_CODES[421] = 'Misdirected Request'"),
        },
    },
    StatusCode {
        code: 422,
        name: "Unprocessable Content",
        former_names: &["Unprocessable Entity"],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.21",
        registered: true,
        meaning: "The body is well formed and of a known type, but what it says cannot be \
            carried out, as with a form that fails validation.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: UPSTREAM_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "Not unchanged: correct the content first.",
        search: LEAVES_INDEX,
        look_first: "The application log and the response body, which normally name the field. A \
            sudden rise after a release means that client and server disagree about the schema.",
        constants: Constants {
            python3: Some(
                "http.HTTPStatus.UNPROCESSABLE_CONTENT (3.13+; UNPROCESSABLE_ENTITY \
                before)",
            ),
            python2: Some("httplib.UNPROCESSABLE_ENTITY"),
            go: Some("http.StatusUnprocessableEntity"),
            rails: Some(":unprocessable_content (Rack 3.1+; :unprocessable_entity before)"),
            symfony: Some("Response::HTTP_UNPROCESSABLE_ENTITY"),
            rust: Some("http::StatusCode::UNPROCESSABLE_ENTITY"),
            node: Some("http.STATUS_CODES[422] = 'Unprocessable Entity'"),
        },
    },
    StatusCode {
        code: 423,
        name: "Locked",
        former_names: &[],
        origin: "RFC 4918",
        reference: "RFC 4918 §11.3",
        registered: true,
        meaning: "The resource is locked by WebDAV, for example a document that somebody has \
            open. Some APIs use it for locked accounts or shops.",
        nginx_logs: "The WebDAV module of nginx has no locks and never sends it; it comes from \
            an upstream or from a third-party module.",
        client_sees: UPSTREAM_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: "SHOULD name the condition that was not met, for instance \
            no-conflicting-lock (RFC 4918 §11.3).",
        client_retry: "With the lock token, or once the lock is gone.",
        search: LEAVES_INDEX,
        look_first: "Who holds the lock: the lock table or log of the WebDAV server or \
            application, and the timeout of stale locks.",
        constants: Constants {
            python3: Some("http.HTTPStatus.LOCKED"),
            python2: Some("httplib.LOCKED"),
            go: Some("http.StatusLocked"),
            rails: Some(":locked"),
            symfony: Some("Response::HTTP_LOCKED"),
            rust: Some("http::StatusCode::LOCKED"),
            node: Some("http.STATUS_CODES[423] = 'Locked'"),
        },
    },
    StatusCode {
        code: 424,
        name: "Failed Dependency",
        former_names: &[],
        origin: "RFC 4918",
        reference: "RFC 4918 §11.4",
        registered: true,
        meaning: "This action was not done because another one that it depends on failed, as in \
            a WebDAV PROPPATCH of several properties.",
        nginx_logs: "nginx never produces it. It normally stands inside a 207 body, where no \
            access log sees it; as a logged status it comes from the application.",
        client_sees: UPSTREAM_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: EXPLAIN,
        client_retry: "After the failure it depends on has been cured.",
        search: LEAVES_INDEX,
        look_first: "The first failure in the same request or batch; this one only follows from \
            it.",
        constants: Constants {
            python3: Some("http.HTTPStatus.FAILED_DEPENDENCY"),
            python2: Some("httplib.FAILED_DEPENDENCY"),
            go: Some("http.StatusFailedDependency"),
            rails: Some(":failed_dependency"),
            symfony: Some("Response::HTTP_FAILED_DEPENDENCY"),
            rust: Some("http::StatusCode::FAILED_DEPENDENCY"),
            node: Some("http.STATUS_CODES[424] = 'Failed Dependency'"),
        },
    },
    StatusCode {
        code: 425,
        name: "Too Early",
        former_names: &["Unordered Collection"],
        origin: "RFC 8470",
        reference: "RFC 8470 §5.2",
        registered: true,
        meaning: "The request came in TLS 1.3 early data, which an attacker could replay, and \
            the server will not risk handling it there.",
        nginx_logs: "nginx never produces it. An upstream can, when nginx accepts early data \
            (ssl_early_data on) and passes the Early-Data header on.",
        client_sees: "The upstream's answer, passed on; most clients repeat at once without \
            showing it.",
        caching: Caching::ExplicitOnly,
        server_obligations: "SHOULD NOT send it unless the request was in early data or had \
            Early-Data: 1. A proxy that forwarded a request with Early-Data MUST pass the 425 on \
            (RFC 8470 §5.2).",
        client_retry: "SHOULD repeat automatically, but MUST NOT do so in early data.",
        search: LEAVES_INDEX,
        look_first: "ssl_early_data and proxy_set_header Early-Data $ssl_early_data (nginx -T). \
            If ordinary requests get it, the header is set where it should not be.",
        constants: Constants {
            python3: Some("http.HTTPStatus.TOO_EARLY (3.9+)"),
            python2: None,
            go: Some("http.StatusTooEarly (Go 1.12+)"),
            rails: Some(":too_early (Rack 2.1+)"),
            symfony: Some("Response::HTTP_TOO_EARLY"),
            rust: Some("http::StatusCode::TOO_EARLY"),
            node: Some("http.STATUS_CODES[425] = 'Too Early'"),
        },
    },
    StatusCode {
        code: 426,
        name: "Upgrade Required",
        former_names: &[],
        origin: "RFC 9110",
        reference: "RFC 9110 §15.5.22",
        registered: true,
        meaning: "The server will not answer in the protocol of the request but might after a \
            change to another, such as WebSocket or a newer HTTP version.",
        nginx_logs: "nginx does not produce it. Often the upstream refuses the HTTP/1.0 that \
            older versions of nginx speak to upstreams by default.",
        client_sees: "The upstream's answer.",
        caching: Caching::ExplicitOnly,
        server_obligations: "MUST send Upgrade with the protocols it wants (RFC 9110 §15.5.22).",
        client_retry: "Can repeat after it has switched to one of the protocols in Upgrade.",
        search: LEAVES_INDEX,
        look_first: "proxy_http_version 1.1 in the location, and for WebSocket proxy_set_header \
            Upgrade $http_upgrade with Connection \"upgrade\".",
        constants: Constants {
            python3: Some("http.HTTPStatus.UPGRADE_REQUIRED"),
            python2: Some("httplib.UPGRADE_REQUIRED"),
            go: Some("http.StatusUpgradeRequired"),
            rails: Some(":upgrade_required"),
            symfony: Some("Response::HTTP_UPGRADE_REQUIRED"),
            rust: Some("http::StatusCode::UPGRADE_REQUIRED"),
            node: Some("http.STATUS_CODES[426] = 'Upgrade Required'"),
        },
    },
    StatusCode {
        code: 428,
        name: "Precondition Required",
        former_names: &[],
        origin: "RFC 6585",
        reference: "RFC 6585 §3",
        registered: true,
        meaning: "The server insists on a conditional request, normally If-Match, so that one \
            writer does not overwrite the changes of another.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: UPSTREAM_RESPONSE,
        caching: Caching::NeverStore,
        server_obligations: "SHOULD explain how to send the request again successfully (RFC 6585 \
            §3). Caches MUST NOT store it.",
        client_retry: "After fetching the present version, with If-Match and its ETag.",
        search: LEAVES_INDEX,
        look_first: "The client that writes without If-Match, usually an old version of an app \
            or a script. Check also that no proxy drops If-Match or ETag.",
        constants: Constants {
            python3: Some("http.HTTPStatus.PRECONDITION_REQUIRED"),
            python2: None,
            go: Some("http.StatusPreconditionRequired"),
            rails: Some(":precondition_required"),
            symfony: Some("Response::HTTP_PRECONDITION_REQUIRED"),
            rust: Some("http::StatusCode::PRECONDITION_REQUIRED"),
            node: Some("http.STATUS_CODES[428] = 'Precondition Required'"),
        },
    },
    StatusCode {
        code: 429,
        name: "Too Many Requests",
        former_names: &[],
        origin: "RFC 6585",
        reference: "RFC 6585 §4",
        registered: true,
        meaning: "The client sent too many requests in a given time. How clients and requests \
            are counted is up to the server.",
        nginx_logs: "Logged only where limit_req_status or limit_conn_status is set to 429, for \
            return 429, or from an upstream. By default both limits of nginx reject with 503, so \
            look for that too.",
        client_sees: "The error page (since 1.11.13) without Retry-After, or the application's \
            answer.",
        caching: Caching::NeverStore,
        server_obligations: "SHOULD explain the limit, MAY send Retry-After (RFC 6585 §4). \
            Caches MUST NOT store it. nginx adds no Retry-After; use add_header Retry-After ... \
            always.",
        client_retry: "After Retry-After, or after a growing pause where there is none. \
            Repeating at once makes it worse.",
        search: "The only 4xx that Google treats as a server error: it slows crawling of the \
            whole host, and drops URLs if it lasts more than about two days. On /robots.txt it \
            can stop crawling of the site for up to 12 hours, so never limit that file.",
        look_first: "The error log: 'limiting requests, excess: ... by zone ...' or 'limiting \
            connections by zone'. Then whether the client is one abuser, many users behind one \
            address, or a search engine. Compare the peak rates in the log with rate and burst \
            before you change either.",
        constants: Constants {
            python3: Some("http.HTTPStatus.TOO_MANY_REQUESTS"),
            python2: None,
            go: Some("http.StatusTooManyRequests"),
            rails: Some(":too_many_requests"),
            symfony: Some("Response::HTTP_TOO_MANY_REQUESTS"),
            rust: Some("http::StatusCode::TOO_MANY_REQUESTS"),
            node: Some("http.STATUS_CODES[429] = 'Too Many Requests'"),
        },
    },
    StatusCode {
        code: 431,
        name: "Request Header Fields Too Large",
        former_names: &[],
        origin: "RFC 6585",
        reference: "RFC 6585 §5",
        registered: true,
        meaning: "The headers are too large, one of them or all together. Cookies that grew \
            without end are the usual reason.",
        nginx_logs: "nginx never produces it: it answers 400 for the same fault (see 494). A 431 \
            comes from an upstream, such as Node.js with its limit of 16 kB.",
        client_sees: UPSTREAM_RESPONSE,
        caching: Caching::NeverStore,
        server_obligations: "SHOULD name the field when a single one is at fault (RFC 6585 §5). \
            Caches MUST NOT store it.",
        client_retry: "MAY repeat with smaller headers; in a browser, after its cookies for the \
            site are cleared.",
        search: LEAVES_INDEX,
        look_first: "The size of the Cookie header (log $http_cookie for a while, or \
            $request_length), and which part of the application sets that cookie. Then the limit \
            of the upstream (Node.js: --max-http-header-size).",
        constants: Constants {
            python3: Some("http.HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE"),
            python2: None,
            go: Some("http.StatusRequestHeaderFieldsTooLarge"),
            rails: Some(":request_header_fields_too_large"),
            symfony: Some("Response::HTTP_REQUEST_HEADER_FIELDS_TOO_LARGE"),
            rust: Some("http::StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE"),
            node: Some("http.STATUS_CODES[431] = 'Request Header Fields Too Large'"),
        },
    },
    StatusCode {
        code: 451,
        name: "Unavailable For Legal Reasons",
        former_names: &[],
        origin: "RFC 7725",
        reference: "RFC 7725 §3",
        registered: true,
        meaning: "Access is refused because of a legal demand. It says nothing about whether the \
            resource exists. Exchange ActiveSync used the number earlier for a redirect to a \
            better mail server (header X-MS-Location).",
        nginx_logs: APPLICATION_ONLY,
        client_sees: "The application's or CDN's notice; from return 451, a status line without \
            a reason phrase and an empty body.",
        caching: Caching::Heuristic,
        server_obligations: "SHOULD send Link with rel=\"blocked-by\" naming who implements the \
            block, and SHOULD explain the demand: who made it, under which law, for whom and \
            what it holds (RFC 7725 §3 and §4).",
        client_retry: "Not while the demand stands; ActiveSync clients go on at the address in \
            X-MS-Location.",
        search: "Google treats it as any 4xx but 429: the URL leaves the index. Google crawls \
            mostly from the United States, so a block of that country removes the pages from \
            search.",
        look_first: "The rule that sends it: a geo or map block in nginx -T, or a CDN rule, and \
            whether crawlers fall under it. Paths with Microsoft-Server-ActiveSync are the \
            Exchange redirect. Caches may keep it after the block ends.",
        constants: Constants {
            python3: Some("http.HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS (3.8+)"),
            python2: None,
            go: Some("http.StatusUnavailableForLegalReasons"),
            rails: Some(":unavailable_for_legal_reasons (Rack 2.0+)"),
            symfony: Some("Response::HTTP_UNAVAILABLE_FOR_LEGAL_REASONS"),
            rust: Some("http::StatusCode::UNAVAILABLE_FOR_LEGAL_REASONS"),
            node: Some("http.STATUS_CODES[451] = 'Unavailable For Legal Reasons'"),
        },
    },
];
