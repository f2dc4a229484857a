//! Who may do what: every route with the role that it needs, in one table, and what is asked of each request
//! before its handler sees it.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::accounts::Role;
use super::api::{ApiError, refused};
use super::server::Shared;

/// Method, path, and the role that it needs; none: open to everybody who reaches the page.
pub(super) const ROUTES: [(&str, &str, Option<Role>); 19] = [
    ("GET", "/", None),
    ("GET", "/page.css", None),
    ("GET", "/page.js", None),
    ("GET", "/favicon.ico", None),
    ("GET", "/api/v1/words", None),
    ("GET", "/api/v1/openapi.json", None),
    ("GET", "/api/v1/session", None),
    ("POST", "/api/v1/login", None),
    ("POST", "/api/v1/logout", Some(Role::View)),
    ("GET", "/api/v1/runs", Some(Role::View)),
    ("GET", "/api/v1/queue", Some(Role::View)),
    ("GET", "/api/v1/decisions", Some(Role::View)),
    ("POST", "/api/v1/decisions", Some(Role::Review)),
    ("POST", "/api/v1/accepted-ids", Some(Role::Review)),
    ("GET", "/files/{run}/{*path}", Some(Role::View)),
    ("GET", "/api/v1/job", Some(Role::View)),
    ("GET", "/api/v1/job/events", Some(Role::View)),
    ("GET", "/api/v1/lists", Some(Role::View)),
    ("GET", "/api/v1/lists/{name}", Some(Role::View)),
];
/// Those that start and stop something, and what it starts with.
pub(super) const WORK: [(&str, &str, Option<Role>); 4] = [
    ("POST", "/api/v1/recheck", Some(Role::Run)),
    ("POST", "/api/v1/stop", Some(Role::Run)),
    ("POST", "/api/v1/run", Some(Role::Run)),
    ("POST", "/api/v1/lists", Some(Role::Run)),
];
const TOKEN: &str = "x-emc-audit-token";
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Who asks.
#[derive(Debug, Clone)]
pub(super) struct Asker {
    /// Nothing where there are no accounts: then the page asks for a name.
    pub name: Option<String>,
    pub role: Role,
    pub token: String,
}

/// Lets a request through, or says why not; and says with every answer what browsers may do with it.
pub(super) async fn guard(State(shared): State<Shared>, mut request: Request, next: Next) -> Response {
    let mut answer = match examine(&shared, &mut request) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}

fn examine(shared: &Shared, request: &mut Request) -> Result<(), ApiError> {
    let foreign = || refused(StatusCode::FORBIDDEN, "foreign");
    if !is_host_ours(shared, request.headers()) {
        return Err(foreign());
    }
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let method = match *request.method() {
        Method::HEAD => "GET",
        ref method => method.as_str(),
    };
    let wanted = |(known, at, _): &&(&str, &str, Option<Role>)| *known == method && Some(*at) == path;
    let (_, at, role) = ROUTES
        .iter()
        .chain(&WORK)
        .find(wanted)
        .ok_or_else(|| refused(StatusCode::NOT_FOUND, "not_found"))?;
    if method != "GET" && !is_own_page(request.headers()) {
        return Err(foreign());
    }
    let asker = asker(shared, request.headers())?;
    if let Some(role) = role {
        let asker = asker
            .as_ref()
            .ok_or_else(|| refused(StatusCode::UNAUTHORIZED, "needs_login"))?;
        let token = request.headers().get(TOKEN).and_then(|token| token.to_str().ok());
        if method != "GET" && token != Some(asker.token.as_str()) {
            return Err(foreign());
        }
        if asker.role < *role {
            return Err(refused(StatusCode::FORBIDDEN, "not_allowed"));
        }
    }
    tracing::debug!(method, at, "asked");
    request.extensions_mut().insert(asker);
    Ok(())
}

/// Whether whoever sent these headers may still look at results.
pub(super) fn may_look(shared: &Shared, headers: &HeaderMap) -> bool {
    matches!(asker(shared, headers), Ok(Some(_)))
}

/// On this machine another site's name that leads here must not reach the page (DNS rebinding).
fn is_host_ours(shared: &Shared, headers: &HeaderMap) -> bool {
    if shared.is_public() {
        return true;
    }
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let port = shared.port();
    host.is_some_and(|host| {
        ["127.0.0.1", "localhost", "[::1]"]
            .iter()
            .any(|name| host == format!("{name}:{port}") || (port == 80 && host == *name))
    })
}

/// Whether the page that asks is ours, as far as its browser says; who is no browser needs a token all the same.
fn is_own_page(headers: &HeaderMap) -> bool {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let same_site = match headers.get("sec-fetch-site") {
        Some(value) => value == "same-origin",
        None => true,
    };
    let same_origin = match headers.get(header::ORIGIN) {
        Some(origin) => {
            let origin = origin.to_str().ok();
            let authority = origin
                .and_then(|origin| origin.split_once("://"))
                .map(|(_, rest)| rest);
            authority.is_some() && authority == text(header::HOST)
        }
        None => true,
    };
    let is_json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
    same_site && same_origin && is_json
}

fn asker(shared: &Shared, headers: &HeaderMap) -> Result<Option<Asker>, ApiError> {
    if !shared.has_accounts() {
        return Ok(Some(Asker {
            name: None,
            role: Role::Run,
            token: shared.token().to_owned(),
        }));
    }
    let Some(session) = session_key(shared, headers).and_then(|key| shared.sessions().get(&key)) else {
        return Ok(None);
    };
    // Asked anew each time: an account that was taken away is so at once.
    let role = shared.options().accounts.role(&session.name)?;
    Ok(role.map(|role| Asker {
        name: Some(session.name),
        role,
        token: session.token,
    }))
}

/// The secret of the session that a request names.
pub(super) fn session_key(shared: &Shared, headers: &HeaderMap) -> Option<String> {
    let cookies = headers.get_all(header::COOKIE).iter();
    let pairs = cookies
        .filter_map(|cookies| cookies.to_str().ok())
        .flat_map(|cookies| cookies.split(';'));
    let mut named = pairs.filter_map(|pair| pair.trim().split_once('='));
    named
        .find(|(name, _)| *name == shared.cookie())
        .map(|(_, value)| value.to_owned())
}
