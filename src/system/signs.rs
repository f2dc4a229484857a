//! The signs of each system. One strong sign is enough, weak ones have to come together: many systems have a
//! folder `templates`.

use super::SystemKind;
use super::SystemKind::{
    DotNetNuke, Drupal, Joomla, Liferay, NextJs, NukeViet, OpenCps, Php, SharePoint, VnptPortal, WordPress,
};

/// Where a sign is looked for. What is compared is in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Begins the content of a `generator`.
    Generator,
    /// A header of the document's answer: `name: part of its value`; every value where nothing follows.
    Header,
    /// Begins the name of a cookie.
    Cookie,
    /// Part of the path of something that the page loaded from its own host.
    Path,
    /// Begins an `id` or a class of a drawn element.
    Name,
    /// The host that the page's scripts, styles and pictures come from.
    Host,
}

/// One sign with what it weighs; [`ENOUGH`] names a system.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sign {
    pub system: SystemKind,
    pub place: Place,
    pub pattern: &'static str,
    pub weight: u32,
}

pub(super) const ENOUGH: u32 = 2;
const STRONG: u32 = 3;
const FAIR: u32 = 2;
const WEAK: u32 = 1;

const fn sign(system: SystemKind, place: Place, pattern: &'static str, weight: u32) -> Sign {
    Sign {
        system,
        place,
        pattern,
        weight,
    }
}

pub(super) const SIGNS: &[Sign] = &[
    sign(OpenCps, Place::Path, "/o/opencps", STRONG),
    sign(OpenCps, Place::Path, "/opencps-portlet/", STRONG),
    sign(OpenCps, Place::Name, "portlet-boundary_backend", WEAK),
    sign(OpenCps, Place::Name, "opencps", FAIR),
    sign(VnptPortal, Place::Generator, "vnportal", STRONG),
    sign(VnptPortal, Place::Generator, "vnpt portal", STRONG),
    sign(VnptPortal, Place::Host, "storage-vnportal.vnpt.vn", FAIR),
    sign(Liferay, Place::Generator, "liferay", STRONG),
    sign(Liferay, Place::Header, "liferay-portal:", STRONG),
    sign(Liferay, Place::Cookie, "guest_language_id", STRONG),
    sign(Liferay, Place::Cookie, "cookie_support", FAIR),
    sign(Liferay, Place::Cookie, "lfr_session", STRONG),
    sign(Liferay, Place::Path, "/o/frontend-js-", STRONG),
    sign(Liferay, Place::Path, "/o/js_loader_", STRONG),
    sign(Liferay, Place::Path, "/html/js/liferay/", STRONG),
    sign(Liferay, Place::Path, "/html/js/everything.jsp", STRONG),
    sign(Liferay, Place::Path, "/html/js/barebone.jsp", STRONG),
    sign(Liferay, Place::Path, "/web/guest/", WEAK),
    sign(Liferay, Place::Path, "/combo/", WEAK),
    sign(Liferay, Place::Path, "/documents/", WEAK),
    sign(Liferay, Place::Name, "portlet-boundary", STRONG),
    sign(Liferay, Place::Name, "portlet-layout", FAIR),
    sign(DotNetNuke, Place::Generator, "dotnetnuke", STRONG),
    sign(DotNetNuke, Place::Generator, "dnn", STRONG),
    sign(DotNetNuke, Place::Header, "dnnoutputcache:", STRONG),
    sign(DotNetNuke, Place::Cookie, "dnn_ismobile", STRONG),
    sign(DotNetNuke, Place::Cookie, ".dotnetnuke", STRONG),
    sign(DotNetNuke, Place::Path, "/portals/_default/", STRONG),
    sign(DotNetNuke, Place::Path, "/desktopmodules/", FAIR),
    sign(DotNetNuke, Place::Path, "/portals/0/", WEAK),
    sign(DotNetNuke, Place::Path, "/dependencyhandler.axd", WEAK),
    sign(DotNetNuke, Place::Name, "dnn_", FAIR),
    sign(SharePoint, Place::Generator, "microsoft sharepoint", STRONG),
    sign(SharePoint, Place::Generator, "sharepoint", STRONG),
    sign(
        SharePoint,
        Place::Header,
        "microsoftsharepointteamservices:",
        STRONG,
    ),
    sign(SharePoint, Place::Header, "sprequestguid:", STRONG),
    sign(SharePoint, Place::Path, "/_layouts/1", STRONG),
    sign(SharePoint, Place::Path, "/_catalogs/masterpage/", STRONG),
    sign(SharePoint, Place::Path, "/style%20library/", FAIR),
    sign(SharePoint, Place::Path, "/style library/", FAIR),
    sign(SharePoint, Place::Path, "/sitepages/", WEAK),
    sign(SharePoint, Place::Path, "/publishingimages/", WEAK),
    sign(SharePoint, Place::Name, "s4-workspace", STRONG),
    sign(SharePoint, Place::Name, "s4-bodycontainer", STRONG),
    sign(WordPress, Place::Generator, "wordpress", STRONG),
    sign(WordPress, Place::Path, "/wp-includes/", STRONG),
    sign(WordPress, Place::Path, "/wp-content/themes/", STRONG),
    sign(WordPress, Place::Path, "/wp-content/plugins/", STRONG),
    sign(WordPress, Place::Path, "/wp-content/", FAIR),
    sign(WordPress, Place::Header, "x-pingback:xmlrpc.php", STRONG),
    sign(WordPress, Place::Header, "link:api.w.org", STRONG),
    sign(Joomla, Place::Generator, "joomla", STRONG),
    sign(Joomla, Place::Path, "/media/jui/", STRONG),
    sign(Joomla, Place::Path, "/media/system/js/", FAIR),
    sign(Joomla, Place::Path, "/components/com_", FAIR),
    sign(Joomla, Place::Path, "/modules/mod_", FAIR),
    sign(Joomla, Place::Path, "/templates/", WEAK),
    sign(Drupal, Place::Generator, "drupal", STRONG),
    sign(Drupal, Place::Header, "x-generator:drupal", STRONG),
    sign(Drupal, Place::Header, "x-drupal-cache:", STRONG),
    sign(Drupal, Place::Header, "x-drupal-dynamic-cache:", STRONG),
    sign(Drupal, Place::Path, "/sites/default/files/", FAIR),
    sign(Drupal, Place::Path, "/core/misc/drupal", STRONG),
    sign(Drupal, Place::Path, "/misc/drupal.js", STRONG),
    sign(Drupal, Place::Path, "/sites/all/modules/", STRONG),
    sign(NukeViet, Place::Generator, "nukeviet", STRONG),
    sign(NukeViet, Place::Header, "x-powered-by:nukeviet", STRONG),
    sign(NukeViet, Place::Cookie, "nv4", STRONG),
    sign(NukeViet, Place::Cookie, "nv3", STRONG),
    sign(NukeViet, Place::Path, "/assets/js/language/vi", FAIR),
    sign(NukeViet, Place::Path, "/js/nv.core", STRONG),
    sign(NextJs, Place::Header, "x-powered-by:next.js", STRONG),
    sign(NextJs, Place::Path, "/_next/static/", STRONG),
    sign(NextJs, Place::Name, "__next", FAIR),
    sign(Php, Place::Header, "x-powered-by:php", STRONG),
    sign(Php, Place::Cookie, "phpsessid", FAIR),
    sign(Php, Place::Cookie, "laravel_session", FAIR),
    sign(Php, Place::Cookie, "ci_session", FAIR),
    sign(Php, Place::Path, ".php", FAIR),
];
