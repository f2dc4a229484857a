//! Rows against each other: second lines for one site, aliases that are sites, who is a portal and
//! whose component is whose. What the list leaves open is derived only where one answer is evident.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use url::Url;

use crate::site::{ListedSite, Role, SiteId, SiteIndex};

use super::fold::{begins_with, fold};
use super::headings::{Column, Headings};
use super::problem::{Problem, Remark, RemarkKind, RowPlace, RowProblem};
use super::read::Examined;
use super::values;

/// The columns that are judged against other rows.
const JUDGED: [Column; 4] = [Column::Url, Column::Role, Column::Portal, Column::Aliases];

/// Headings of the judged columns, as in the file.
#[derive(Debug)]
pub(super) struct Titles([Option<String>; 4]);

impl Titles {
    pub fn new(headings: &Headings) -> Self {
        Self(JUDGED.map(|column| headings.title(column).map(str::to_owned)))
    }
}

/// What stands in the judged columns of a row, for naming it.
#[derive(Debug)]
pub(super) struct Written {
    titles: Arc<Titles>,
    texts: [String; 4],
}

impl Written {
    pub fn new(titles: &Arc<Titles>, text: impl Fn(Column) -> String) -> Self {
        Self {
            titles: Arc::clone(titles),
            texts: JUDGED.map(text),
        }
    }

    fn problem(&self, place: &RowPlace, column: Column, problem: Problem) -> RowProblem {
        let at = JUDGED
            .iter()
            .position(|judged| *judged == column)
            .unwrap_or_default();
        RowProblem {
            place: place.clone(),
            column: self.titles.0[at].clone(),
            value: self.texts[at].clone(),
            problem,
        }
    }
}

/// A portal as a row names it.
#[derive(Debug)]
pub(super) enum NamedPortal {
    Address(values::Address),
    /// Not an address: perhaps the name of a listed site.
    Name(String),
}

impl NamedPortal {
    pub fn read(text: &str) -> Self {
        let first = values::addresses(text)
            .ok()
            .and_then(|addresses| addresses.found.into_iter().next());
        first.map_or_else(|| Self::Name(portal_name(text)), Self::Address)
    }
}

/// A name for comparing: "Cổng TTĐT tỉnh Mẫu" and "Cổng thông tin điện tử Tỉnh Mẫu" are one portal.
fn portal_name(name: &str) -> String {
    let words = fold(name).replace("ttdt", "thong tin dien tu");
    let bare = words.strip_prefix("cong thong tin dien tu").map(str::trim_start);
    bare.filter(|bare| !bare.is_empty()).unwrap_or(&words).to_owned()
}

/// A row with an address, before the others are known.
#[derive(Debug)]
pub(super) struct Draft {
    pub place: RowPlace,
    pub site: ListedSite,
    pub role: Option<Role>,
    pub portal: Option<NamedPortal>,
    /// Other addresses and the column they stand in.
    pub aliases: Vec<(Column, SiteId)>,
    pub written: Written,
    /// No cell of the row is bad. Bad rows are known to the others, so that one mistake is named once.
    pub is_good: bool,
    /// The role's cell is bad and named already.
    pub is_role_bad: bool,
    /// The portal's cell is bad and named already.
    pub is_portal_bad: bool,
}

/// Where a row's portal is.
#[derive(Debug, Clone)]
enum Target {
    Listed(usize),
    Outside(values::Address),
}

/// Checks drafts against each other and puts sites, references, problems and remarks into `examined`.
pub(super) fn resolve(drafts: Vec<Draft>, examined: &mut Examined) {
    let mut resolver = Resolver {
        owners: HashMap::new(),
        targets: Vec::new(),
        drafts,
        examined,
    };
    resolver.drop_duplicates();
    resolver.settle_aliases();
    resolver.find_targets();
    resolver.settle_roles();
    resolver.settle_portals();
    resolver.remark_same_ids();
    resolver.finish();
}

struct Resolver<'a> {
    drafts: Vec<Draft>,
    /// Every known address and the draft that it belongs to.
    owners: HashMap<SiteId, usize>,
    /// The portal that each draft names.
    targets: Vec<Option<Target>>,
    examined: &'a mut Examined,
}

impl Resolver<'_> {
    fn problem(&mut self, at: usize, column: Column, problem: Problem) {
        let draft = &mut self.drafts[at];
        draft.is_good = false;
        let problem = draft.written.problem(&draft.place, column, problem);
        self.examined.problems.push(problem);
    }

    fn remark(&mut self, at: usize, kind: RemarkKind) {
        let place = Some(self.drafts[at].place.clone());
        self.examined.list.remarks.push(Remark { place, kind });
    }

    fn drop_duplicates(&mut self) {
        let mut kept = Vec::new();
        for draft in std::mem::take(&mut self.drafts) {
            if let Some(first) = self.owners.get(&draft.site.site) {
                let first: &Draft = &kept[*first];
                let problem = Problem::Duplicate(first.place.clone());
                let problem = draft.written.problem(&draft.place, Column::Url, problem);
                self.examined.problems.push(problem);
                continue;
            }
            self.owners.insert(draft.site.site.clone(), kept.len());
            kept.push(draft);
        }
        self.drafts = kept;
    }

    fn settle_aliases(&mut self) {
        for at in 0..self.drafts.len() {
            for (column, alias) in std::mem::take(&mut self.drafts[at].aliases) {
                match self.owners.get(&alias) {
                    Some(owner) if *owner == at => {}
                    Some(owner) => {
                        let place = self.drafts[*owner].place.clone();
                        self.problem(at, column, Problem::AliasIsListed(place));
                    }
                    None => {
                        self.owners.insert(alias.clone(), at);
                        self.drafts[at].site.aliases.push(alias);
                    }
                }
            }
        }
    }

    fn find_targets(&mut self) {
        let mut names: HashMap<String, Option<usize>> = HashMap::new();
        for (at, draft) in self.drafts.iter().enumerate() {
            names
                .entry(portal_name(&draft.site.name))
                .and_modify(|first| *first = None)
                .or_insert(Some(at));
        }
        for at in 0..self.drafts.len() {
            let target = match self.drafts[at].portal.take() {
                None => None,
                Some(NamedPortal::Address(address)) => {
                    let site = SiteId::from_url(&address.url);
                    let listed = self.owners.get(&site).map(|owner| Target::Listed(*owner));
                    Some(listed.unwrap_or(Target::Outside(address)))
                }
                Some(NamedPortal::Name(name)) => {
                    let listed = names.get(&name).copied().flatten();
                    if listed.is_none() {
                        self.drafts[at].is_portal_bad = true;
                        self.problem(at, Column::Portal, Problem::PortalUnknown);
                    }
                    listed.map(Target::Listed)
                }
            };
            self.targets.push(target);
        }
    }

    /// Roles that are not written: first from who names whom, then from one evident portal, then from
    /// which address lies under which.
    fn settle_roles(&mut self) {
        let named: HashSet<usize> = (0..self.drafts.len())
            .filter_map(|at| match self.targets[at] {
                Some(Target::Listed(portal)) if portal != at => Some(portal),
                _ => None,
            })
            .collect();
        let is_open: Vec<bool> = self.drafts.iter().map(|draft| draft.role.is_none()).collect();
        for at in (0..self.drafts.len()).filter(|at| is_open[*at]) {
            self.drafts[at].role = match &self.targets[at] {
                Some(Target::Listed(portal)) if *portal == at => Some(Role::Portal),
                _ if named.contains(&at) => Some(Role::Portal),
                Some(_) => Some(Role::Component),
                None => None,
            };
        }
        self.derive_from_portals();
        for at in (0..self.drafts.len()).filter(|at| is_open[*at]) {
            match self.drafts[at].role {
                _ if self.drafts[at].is_role_bad => {}
                Some(role) => self.remark(at, RemarkKind::RoleDerived(role)),
                None => self.problem(at, Column::Role, Problem::RoleUnclear),
            }
        }
    }

    fn derive_from_portals(&mut self) {
        let open: Vec<usize> = self.open_rows().collect();
        if open.is_empty() {
            return;
        }
        let index = self.index(|_| true);
        let parents: Vec<Option<usize>> = self
            .drafts
            .iter()
            .map(|draft| parent(&index, &draft.site.site).and_then(|site| self.owners.get(site).copied()))
            .collect();
        if self.portals().is_empty() {
            let entitled: Vec<usize> = open
                .iter()
                .copied()
                .filter(|at| self.has_portal_name(*at))
                .collect();
            let above: HashSet<usize> = parents.iter().copied().flatten().collect();
            let on_top = open
                .iter()
                .filter(|at| parents[**at].is_none() && above.contains(*at));
            let found = match entitled.as_slice() {
                [one] => vec![*one],
                _ => on_top.copied().collect(),
            };
            for at in found {
                self.drafts[at].role = Some(Role::Portal);
            }
        }
        let portals = self.portals();
        let mut above = SiteIndex::default();
        for site in &portals {
            above.add(site);
        }
        let open: Vec<usize> = self.open_rows().collect();
        for at in open {
            let is_below = parents[at].is_some() || parent(&above, &self.drafts[at].site.site).is_some();
            if portals.len() == 1 || is_below {
                self.drafts[at].role = Some(Role::Component);
            }
        }
    }

    fn open_rows(&self) -> impl Iterator<Item = usize> {
        (0..self.drafts.len()).filter(|at| self.drafts[*at].role.is_none())
    }

    fn has_portal_name(&self, at: usize) -> bool {
        let name = fold(&self.drafts[at].site.name);
        begins_with(&name, &["cong thong tin dien tu", "cong ttdt", "portal"])
    }

    /// All portals: listed ones and those that rows name from outside.
    fn portals(&self) -> HashSet<SiteId> {
        let listed = self
            .drafts
            .iter()
            .filter(|draft| draft.role == Some(Role::Portal));
        let outside = self.targets.iter().filter_map(|target| match target {
            Some(Target::Outside(address)) => Some(SiteId::from_url(&address.url)),
            _ => None,
        });
        listed
            .map(|draft| draft.site.site.clone())
            .chain(outside)
            .collect()
    }

    /// The addresses of the drafts that are `wanted`.
    fn index(&self, wanted: impl Fn(&Draft) -> bool) -> SiteIndex {
        let mut index = SiteIndex::default();
        for draft in self.drafts.iter().filter(|draft| wanted(draft)) {
            index.add(&draft.site.site);
            for alias in &draft.site.aliases {
                index.add_alias(&draft.site.site, alias);
            }
        }
        index
    }

    fn settle_portals(&mut self) {
        let portals = self.portals();
        let mut index = self.index(|draft| draft.role == Some(Role::Portal));
        for site in &portals {
            index.add(site);
        }
        for at in 0..self.drafts.len() {
            let role = self.drafts[at].role;
            if let Some(role) = role {
                self.drafts[at].site.role = role;
            }
            match (role, self.targets[at].clone()) {
                (Some(Role::Component), Some(target)) => self.named_portal(at, &target),
                (Some(Role::Component), None) if !self.drafts[at].is_portal_bad => {
                    self.derive_portal(at, &portals, &index);
                }
                (Some(Role::Portal), Some(target)) => {
                    let named = match target {
                        Target::Listed(portal) if portal == at => continue,
                        Target::Listed(portal) => self.drafts[portal].site.site.to_string(),
                        Target::Outside(address) => SiteId::from_url(&address.url).to_string(),
                    };
                    self.remark(at, RemarkKind::PortalIgnored { named });
                }
                _ => {}
            }
        }
    }

    fn named_portal(&mut self, at: usize, target: &Target) {
        match target {
            Target::Listed(portal) if *portal == at => {
                self.problem(at, Column::Portal, Problem::PortalIsItself);
            }
            Target::Listed(portal) if self.drafts[*portal].role == Some(Role::Component) => {
                let place = self.drafts[*portal].place.clone();
                self.problem(at, Column::Portal, Problem::PortalIsComponent(place));
            }
            Target::Listed(portal) => {
                self.drafts[at].site.portal = Some(self.drafts[*portal].site.site.clone());
            }
            Target::Outside(address) => self.drafts[at].site.portal = Some(SiteId::from_url(&address.url)),
        }
    }

    fn derive_portal(&mut self, at: usize, portals: &HashSet<SiteId>, index: &SiteIndex) {
        let mut all = portals.iter();
        let portal = match (all.next(), all.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => parent(index, &self.drafts[at].site.site).cloned(),
        };
        match portal {
            Some(portal) => {
                self.drafts[at].site.portal = Some(portal.clone());
                self.remark(at, RemarkKind::PortalDerived(portal));
            }
            None => self.problem(at, Column::Portal, Problem::PortalUnclear(portals.len())),
        }
    }

    /// One id on sites of different owners: lawful to list, worth a look.
    fn remark_same_ids(&mut self) {
        let mut first_rows: HashMap<u64, usize> = HashMap::new();
        for at in 0..self.drafts.len() {
            for id in self.drafts[at].site.emc_site_ids.clone() {
                let first = *first_rows.entry(id).or_insert(at);
                if self.drafts[first].site.owner() != self.drafts[at].site.owner() {
                    let first = self.drafts[first].place.clone();
                    self.remark(at, RemarkKind::SameSiteId { id, first });
                }
            }
        }
    }

    /// Gives out the good rows, and as references the portals that are not among them.
    fn finish(self) {
        let list = &mut self.examined.list;
        let outside: HashMap<SiteId, &values::Address> = self
            .targets
            .iter()
            .filter_map(|target| match target {
                Some(Target::Outside(address)) => Some((SiteId::from_url(&address.url), address)),
                _ => None,
            })
            .collect();
        let good: HashSet<SiteId> = self
            .drafts
            .iter()
            .filter(|draft| draft.is_good)
            .map(|draft| draft.site.site.clone())
            .collect();
        let mut known = HashSet::new();
        for draft in self.drafts.iter().filter(|draft| draft.is_good) {
            let Some(portal) = &draft.site.portal else {
                continue;
            };
            if good.contains(portal) || !known.insert(portal.clone()) {
                continue;
            }
            // A listed portal whose own row is bad is still looked at.
            let listed = self.owners.get(portal).map(|owner| &self.drafts[*owner].site);
            let mut reference = listed
                .cloned()
                .unwrap_or_else(|| ListedSite::new(portal.clone(), Role::Portal));
            reference.role = Role::Portal;
            if let Some(address) = outside.get(portal) {
                reference.url = address.url.to_string();
                reference.scheme_given = address.scheme_given;
            }
            list.references.push(reference);
            list.remarks.push(Remark {
                place: Some(draft.place.clone()),
                kind: RemarkKind::ReferencePortal(portal.clone()),
            });
        }
        let good = self.drafts.into_iter().filter(|draft| draft.is_good);
        list.sites.extend(good.map(|draft| draft.site));
    }
}

/// The nearest site above `site`: with a shorter path on the same host, else at the root of a host
/// that its name ends in.
fn parent<'a>(index: &'a SiteIndex, site: &SiteId) -> Option<&'a SiteId> {
    let port = site.port().map(|port| format!(":{port}")).unwrap_or_default();
    let locate = |address: String| {
        let url = Url::parse(&address).ok()?;
        index
            .locate(&url)
            .map(|(found, _)| found)
            .filter(|found| *found != site)
    };
    let host = site.bare_host();
    let above = match site.query() {
        Some(_) => Some(site.base_path()),
        None => site.base_path().rsplit_once('/').map(|(above, _)| above),
    };
    if let Some(found) = above.and_then(|path| locate(format!("https://{host}{port}{path}/"))) {
        return Some(found);
    }
    if host.starts_with('[') || host.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    let mut rest = host;
    while let Some((_, shorter)) = rest.split_once('.').filter(|(_, shorter)| shorter.contains('.')) {
        if let Some(found) = locate(format!("https://{shorter}/")) {
            return Some(found);
        }
        rest = shorter;
    }
    None
}
