//! Rows of the codes that are in logs but in no RFC (sources: nginx, and the vendor a row names).

use super::{
    ALB_ONLY, APPLICATION_ONLY, AS_400, AS_400_EXPLAIN, CRAWLER_LEFT, Caching,
    LEAVES_INDEX_UNREGISTERED, NO_ANSWER, NO_CONSTANTS, NOBODY_LEFT, StatusCode,
    UNREGISTERED_EXPLAIN, UPSTREAM_RESPONSE,
};

/// Codes absent from the IANA registry, sorted.
pub(super) const UNREGISTERED: [StatusCode; 16] = [
    StatusCode {
        code: 419,
        name: "Page Expired",
        former_names: &[],
        origin: "Laravel",
        reference: "Laravel: Illuminate\\Foundation\\Exceptions\\Handler \
            (TokenMismatchException)",
        registered: false,
        meaning: "Laravel refused a form because its CSRF token is missing or no longer valid, \
            mostly after the session expired.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: "The 'Page Expired' page of Laravel.",
        caching: Caching::ExplicitOnly,
        server_obligations: UNREGISTERED_EXPLAIN,
        client_retry: "After the page with the form is loaded again, which gives a new token.",
        search: LEAVES_INDEX_UNREGISTERED,
        look_first: "Session lifetime and driver, APP_KEY, and the cookie domain and Secure flag \
            behind the proxy. A cached page with a form in it gives everybody an old token. POST \
            runs from one client without a page view before are bots.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 420,
        name: "Enhance Your Calm",
        former_names: &["Method Failure"],
        origin: "Twitter, Spring",
        reference: "Twitter API v1 response codes; Spring HttpStatus.METHOD_FAILURE (deprecated)",
        registered: false,
        meaning: "Twitter's first API said this to clients over their rate limit; today that is \
            429. Old versions of Spring know it as Method Failure, and Shopify used it for \
            locked shops until 2018.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: UPSTREAM_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: UNREGISTERED_EXPLAIN,
        client_retry: "As for 429: after a pause.",
        search: "Google knows no rule for it: as a 4xx other than 429 it removes the URL and \
            does not slow crawling, so it does not work as a rate limit for crawlers.",
        look_first: "Search the application and nginx -T for 420. If it is meant as a rate \
            limit, send 429 in its place.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 430,
        name: "Security Rejection",
        former_names: &["Request Header Fields Too Large"],
        origin: "Shopify",
        reference: "Shopify: API response status and error codes",
        registered: false,
        meaning: "Shopify judged the request malicious or automated and turned it away. It has \
            nothing to do with the headers, whatever older lists say.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: "Shopify's own page, when it comes from there.",
        caching: Caching::ExplicitOnly,
        server_obligations: UNREGISTERED_EXPLAIN,
        client_retry: "Neither at once nor unchanged: slow down first.",
        search: LEAVES_INDEX_UNREGISTERED,
        look_first: "Who asked: the user agent and rate of the client, and whether it is your \
            own monitoring or audit tool.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 440,
        name: "Login Time-out",
        former_names: &["Login Timeout"],
        origin: "Microsoft",
        reference: "Microsoft Exchange: Troubleshoot the 440 Login Timeout Error Message in \
            Outlook Web Access",
        registered: false,
        meaning: "The session in Outlook Web Access has ended, or IIS could not let the user log \
            on.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: "The Exchange page or a new login form.",
        caching: Caching::ExplicitOnly,
        server_obligations: UNREGISTERED_EXPLAIN,
        client_retry: "After a new login.",
        search: LEAVES_INDEX_UNREGISTERED,
        look_first: "If it strikes everybody: the virtual directories and the authentication \
            settings of IIS. If it strikes after a pause: the session timeout, and whether a \
            proxy drops cookies or moves users between servers.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 444,
        name: "Connection Closed Without Response",
        former_names: &["No Response"],
        origin: "nginx",
        reference: "nginx: src/http/ngx_http_request.h (NGX_HTTP_CLOSE)",
        registered: false,
        meaning: "nginx was told to hang up without an answer, which is a way to turn away \
            scanners and requests for unknown hosts.",
        nginx_logs: "Logged with 0 bytes for return 444 or a limit whose status is 444; HTTP/3 \
            flood detection uses it by itself. Reached through error_page without '=', the first \
            code is logged and the 444 stays hidden. With bytes over 0, an upstream sent it.",
        client_sees: "Nothing: the TCP connection closes, or resets when \
            reset_timedout_connection is on; over HTTP/2 the stream is reset.",
        caching: Caching::NoResponse,
        server_obligations: "Nothing is sent. No standard knows the code, and nginx itself never \
            puts it on the wire.",
        client_retry: "A client sees a broken connection and may repeat an idempotent request by \
            itself (RFC 9110 §9.2.2).",
        search: NO_ANSWER,
        look_first: "The rule that sent it (nginx -T, search 444): often the default server. \
            Then make sure that no search engine and no own monitor got it. While you search for \
            the cause, a 403 in its place is easier to see.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 449,
        name: "Retry With",
        former_names: &[],
        origin: "Microsoft",
        reference: "[MS-WDV] Web Distributed Authoring and Versioning Protocol: Client \
            Extensions",
        registered: false,
        meaning: "A Microsoft WebDAV server wants more details before it answers. Old Exchange \
            ActiveSync uses it to ask a phone for its policy.",
        nginx_logs: APPLICATION_ONLY,
        client_sees: "The upstream's answer with the header Ms-Echo-Request.",
        caching: Caching::ExplicitOnly,
        server_obligations: "In the Microsoft extension the server MUST send Ms-Echo-Request \
            ([MS-WDV]). The code is in no RFC.",
        client_retry: "With what was asked for: the Ms-Echo-Reply header, or for ActiveSync the \
            Provision command.",
        search: LEAVES_INDEX_UNREGISTERED,
        look_first: "The client: an Office or ActiveSync user agent makes this normal. If a \
            phone repeats it without end, look at its mailbox policy on the Exchange server.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 450,
        name: "Blocked by Windows Parental Controls",
        former_names: &[],
        origin: "Microsoft",
        reference: "Microsoft Windows: Parental Controls web filter",
        registered: false,
        meaning: "The web filter on a Windows computer blocked the page. The filter answers, not \
            your server.",
        nginx_logs: "Not expected in a server log, for the request stops on the user's computer; \
            from an application it means something of its own.",
        client_sees: "The block page of the filter.",
        caching: Caching::ExplicitOnly,
        server_obligations: UNREGISTERED_EXPLAIN,
        client_retry: "After a parent has allowed the site.",
        search: "Crawlers do not meet it: the filter runs on the computers of users.",
        look_first: "Where it came from: if $upstream_status is 450, the application sent it.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 460,
        name: "Client Closed Connection",
        former_names: &[],
        origin: "AWS ALB",
        reference: "AWS: Troubleshoot your Application Load Balancers (HTTP 460)",
        registered: false,
        meaning: "The client closed the connection to the Amazon load balancer before the idle \
            timeout was over and before it had an answer. It is the 499 of the ALB.",
        nginx_logs: "nginx does not log it; the nginx behind the load balancer shows a 499 or a \
            normal status for the same request.",
        client_sees: "Nothing: it had already left.",
        caching: Caching::NoResponse,
        server_obligations: NOBODY_LEFT,
        client_retry: "It has left and may come back. A request that was already with the target \
            may have been carried out.",
        search: CRAWLER_LEFT,
        look_first: "target_processing_time in the ALB log against the timeout of the client: \
            make the target faster, or let the client wait longer than the target needs.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 463,
        name: "Too Many X-Forwarded-For Addresses",
        former_names: &[],
        origin: "AWS ALB",
        reference: "AWS: Troubleshoot your Application Load Balancers (HTTP 463)",
        registered: false,
        meaning: "The Amazon load balancer refused a request whose X-Forwarded-For lists more \
            than 30 addresses: a proxy loop, a very long chain, or a forged header.",
        nginx_logs: ALB_ONLY,
        client_sees: "The error page of the load balancer.",
        caching: Caching::ExplicitOnly,
        server_obligations: UNREGISTERED_EXPLAIN,
        client_retry: "With a shorter X-Forwarded-For.",
        search: LEAVES_INDEX_UNREGISTERED,
        look_first: "The proxies before the load balancer: one that sends requests back to it, \
            or that appends without end. The outermost one should replace the header: \
            proxy_set_header X-Forwarded-For $remote_addr.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 464,
        name: "Incompatible Protocol Version",
        former_names: &[],
        origin: "AWS ALB",
        reference: "AWS: Troubleshoot your Application Load Balancers (HTTP 464)",
        registered: false,
        meaning: "The protocol of the request does not fit the protocol version of the target \
            group, as with HTTP/1.1 to a gRPC or HTTP/2 group, gRPC to an HTTP/1.1 group, or \
            another method than POST over HTTP/2 to a gRPC group.",
        nginx_logs: ALB_ONLY,
        client_sees: "The error page of the load balancer.",
        caching: Caching::ExplicitOnly,
        server_obligations: UNREGISTERED_EXPLAIN,
        client_retry: "With a protocol that the target group takes.",
        search: LEAVES_INDEX_UNREGISTERED,
        look_first: "The protocol version of the target group (HTTP1, HTTP2, GRPC) and the \
            listener rule that chose it; then which clients and health checks use another \
            protocol.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 494,
        name: "Request Header Too Large",
        former_names: &[],
        origin: "nginx",
        reference: "nginx: src/http/ngx_http_request.h (NGX_HTTP_REQUEST_HEADER_TOO_LARGE)",
        registered: false,
        meaning: "A header or cookie does not fit the buffers of nginx, or there are too many of \
            them.",
        nginx_logs: "Logged as 400, not 494: nginx turns its internal code into 400 before it \
            answers. 494 appears only when the configuration or an upstream sends it as such. \
            From 0.9.4 to 1.17.8, error_page 494 could put it in the log.",
        client_sees: "400 with the page 'Request Header Or Cookie Too Large'. Over HTTP/2 the \
            connection ends and the log shows 000.",
        caching: Caching::ExplicitOnly,
        server_obligations: AS_400_EXPLAIN,
        client_retry: "With smaller headers; in a browser, after its cookies for the site are \
            cleared.",
        search: AS_400,
        look_first: "400s of 226 or 233 bytes are this page (server_tokens off, or \
            nginx/1.22.1). The error log at level info says 'client sent too long header line' \
            or 'client sent too large request'. Find the cookie that grows, then consider \
            large_client_header_buffers.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 495,
        name: "SSL Certificate Error",
        former_names: &[],
        origin: "nginx",
        reference: "nginx: src/http/ngx_http_request.h (NGX_HTTPS_CERT_ERROR)",
        registered: false,
        meaning: "The client certificate did not pass verification: wrong issuer, expired or \
            revoked.",
        nginx_logs: "Logged as 400, not 495: nginx turns its internal code into 400 before it \
            answers. 495 appears only when the configuration or an upstream sends it as such.",
        client_sees: "400 with the page 'The SSL certificate error'.",
        caching: Caching::ExplicitOnly,
        server_obligations: AS_400_EXPLAIN,
        client_retry: "With a valid certificate, on a new TLS connection.",
        search: AS_400,
        look_first: "The error log at level info: 'client SSL certificate verify error' with the \
            reason. Then ssl_client_certificate, ssl_crl, ssl_verify_depth and the dates: \
            openssl x509 -noout -dates -issuer.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 496,
        name: "SSL Certificate Required",
        former_names: &[],
        origin: "nginx",
        reference: "nginx: src/http/ngx_http_request.h (NGX_HTTPS_NO_CERT)",
        registered: false,
        meaning: "The server demands a client certificate and the client sent none.",
        nginx_logs: "Logged as 400, not 496: nginx turns its internal code into 400 before it \
            answers. 496 appears only when the configuration or an upstream sends it as such.",
        client_sees: "400 with the page 'No required SSL certificate was sent'.",
        caching: Caching::ExplicitOnly,
        server_obligations: AS_400_EXPLAIN,
        client_retry: "With a client certificate, on a new TLS connection.",
        search: AS_400,
        look_first: "ssl_verify_client in that server: on demands a certificate of everybody, \
            crawlers, health checks and scanners included; optional lets you decide by location. \
            The error log at level info says 'client sent no required SSL certificate'.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 497,
        name: "HTTP Request Sent to HTTPS Port",
        former_names: &[],
        origin: "nginx",
        reference: "nginx: src/http/ngx_http_request.h (NGX_HTTP_TO_HTTPS)",
        registered: false,
        meaning: "Somebody spoke plain HTTP to a port that expects TLS, through a link with the \
            wrong scheme, a proxy with the wrong port, or a scan.",
        nginx_logs: "Logged as 400, not 497: nginx turns its internal code into 400 before it \
            answers. 497 appears only when the configuration or an upstream sends it as such. \
            With error_page 497 https://... the log shows the redirect, 302 or the code given.",
        client_sees: "400 with the page 'The plain HTTP request was sent to HTTPS port', or the \
            redirect.",
        caching: Caching::ExplicitOnly,
        server_obligations: AS_400_EXPLAIN,
        client_retry: "With https.",
        search: AS_400,
        look_first: "400s of 248 or 255 bytes are this page (server_tokens off, or \
            nginx/1.22.1). Check proxy_pass http:// to port 443, a load balancer that ends TLS \
            but still uses the TLS port, and health checks.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 498,
        name: "Invalid Token",
        former_names: &[],
        origin: "Esri",
        reference: "Esri ArcGIS REST API: token errors (498); nginx: src/http/ngx_http_request.h \
            (498 cancelled)",
        registered: false,
        meaning: "ArcGIS refused the token as wrong or expired. Mostly it stands in the JSON \
            body of a 200, where no access log sees it. nginx once planned the number for a bad \
            host name and gave it up.",
        nginx_logs: "nginx never produces it. return 498 sends the number without a reason \
            phrase and, as an oddity, with the 404 page as its body.",
        client_sees: UPSTREAM_RESPONSE,
        caching: Caching::ExplicitOnly,
        server_obligations: UNREGISTERED_EXPLAIN,
        client_retry: "With a new token.",
        search: LEAVES_INDEX_UNREGISTERED,
        look_first: "The lifetime of the token and what it is bound to: a token tied to an \
            address or referer fails behind a proxy that changes them.",
        constants: NO_CONSTANTS,
    },
    StatusCode {
        code: 499,
        name: "Client Closed Request",
        former_names: &["Token Required"],
        origin: "nginx",
        reference: "nginx: src/http/ngx_http_request.h (NGX_HTTP_CLIENT_CLOSED_REQUEST)",
        registered: false,
        meaning: "The client went away before nginx had sent it a single byte: an impatient \
            user, a timeout in a client or load balancer, or a slow backend behind it. \
            Cloudflare, Traefik and Caddy log the same number; in ArcGIS it means that a token \
            is missing.",
        nginx_logs: "Logged with 0 bytes when the client leaves while nginx waits for the \
            upstream, a limit_req delay or a blocked first write, or resets the HTTP/2 stream. \
            It undercounts: a client that leaves in mid-response is logged with the real status \
            and too few bytes, one that leaves during an upload with 400. \
            proxy_ignore_client_abort on, or a response being cached, hides it.",
        client_sees: "Nothing: it had already left. With bytes over 0, an upstream or return \
            sent the number, and the client may have seen it.",
        caching: Caching::NoResponse,
        server_obligations: NOBODY_LEFT,
        client_retry: "It has left and often asks again, which adds load. A request that changes \
            something may have been carried out all the same.",
        search: CRAWLER_LEFT,
        look_first: "The distribution of request_time over the 499s: a wall at 30 or 60 s is a \
            timeout of the client or load balancer, a spread follows slow pages. Then which \
            upstream and path: $upstream_status is '-' and $upstream_response_time ends where \
            the client left.",
        constants: NO_CONSTANTS,
    },
];
