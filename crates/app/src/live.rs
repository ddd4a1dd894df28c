//! The fleet as it stands, kept ready for whoever asks often: a server makes it once and shows it to every reader until something
//! moved on (the log, by this process or another; the catalog; the hour).

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use reports::briefing::Briefing;
use risk::policy::Policy;
use store::{Head, Store, log};

use crate::accounts::Sight;
use crate::catalog_file;
use crate::error::{Failure, Result};
use crate::fleet::brief;
use crate::fleet::life::Lives;
use crate::fleet::place::Place;
use crate::fleet::view::{Moment, View};

/// How many sights are kept ready; the one that was asked for longest ago makes room.
const SIGHTS: usize = 16;
/// How far back the figures of a briefing go.
const TREND: SignedDuration = SignedDuration::from_hours(24 * 30);

/// The fleet, ready to be asked.
#[derive(Debug)]
pub struct Live {
    place: Place,
    catalog: Option<PathBuf>,
    policies: Vec<Policy>,
    store: Store,
    standings: Ready<Standing>,
    briefings: Ready<Briefing>,
}

/// The fleet at a moment, as far as somebody sees it, with its findings decided.
#[derive(Debug)]
pub struct Standing {
    /// The fleet.
    pub view: View,
    /// Its findings, and where each stands.
    pub lives: Lives,
}

/// What must be the same for an answer to be given again.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    head: Head,
    catalog: Option<(u64, Option<SystemTime>)>,
    hour: i64,
}

impl Live {
    /// Opens the store; the fleet is made when it is first asked for.
    pub fn open(place: Place, catalog: Option<PathBuf>, policies: Vec<Policy>) -> Result<Self> {
        let store = place.open()?;
        Ok(Self {
            place,
            catalog,
            policies,
            store,
            standings: Ready::default(),
            briefings: Ready::default(),
        })
    }

    /// The store.
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The fleet as it stands, as far as somebody sees it. A store in which no host has reported, or no catalog, is a failure that
    /// says what to do.
    pub fn standing(&self, sight: &Sight, now: Timestamp) -> Result<Arc<Standing>> {
        let mark = || self.mark(now);
        self.standings.or_make(sight, mark, || {
            let view = self.view(sight, now, None)?;
            let lives = view.lives(&self.policies)?;
            Ok(Standing { view, lives })
        })
    }

    /// The briefing of now, as far as somebody sees the fleet.
    pub fn briefing(&self, sight: &Sight, now: Timestamp) -> Result<Arc<Briefing>> {
        let mark = || self.mark(now);
        self.briefings.or_make(sight, mark, || {
            let view = self.view(sight, now, now.checked_sub(TREND).ok())?;
            let lives = view.lives(&self.policies)?;
            brief::of(&view, &lives, &self.policies)
        })
    }

    fn view(&self, sight: &Sight, now: Timestamp, told_after: Option<Timestamp>) -> Result<View> {
        let moment = Moment {
            at: now,
            is_as_of: false,
            told_after,
        };
        let mut view = View::open(self.place.clone(), self.catalog.as_deref(), moment)?;
        view.hosts.keep_seen(sight);
        Ok(view)
    }

    fn mark(&self, now: Timestamp) -> Result<Mark> {
        let file = match &self.catalog {
            Some(file) => file.clone(),
            None => catalog_file::default_path()?,
        };
        let catalog = std::fs::metadata(file).ok();
        Ok(Mark {
            head: self.store.read(log::head).map_err(Failure::from)?,
            catalog: catalog.map(|file| (file.len(), file.modified().ok())),
            hour: now.as_second().div_euclid(3600),
        })
    }
}

/// Answers that were made, each with the sight it is for and the mark it holds for. The last asked for stands last.
#[derive(Debug)]
struct Ready<T> {
    made: Mutex<Vec<(Sight, Mark, Arc<T>)>>,
    /// Who makes one; the others wait for it, and make nothing.
    making: Mutex<()>,
}

impl<T> Default for Ready<T> {
    fn default() -> Self {
        Self {
            made: Mutex::default(),
            making: Mutex::default(),
        }
    }
}

impl<T> Ready<T> {
    fn or_make(
        &self,
        sight: &Sight,
        mark: impl Fn() -> Result<Mark>,
        make: impl FnOnce() -> Result<T>,
    ) -> Result<Arc<T>> {
        if let Some(answer) = self.find(sight, &mark()?) {
            return Ok(answer);
        }
        let _one = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = self.find(sight, &mark()?) {
            return Ok(answer);
        }
        let answer = Arc::new(make()?);
        // Making it may have added an entry: the catalog at hand became the one that holds.
        let mark = mark()?;
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.retain(|(of, _, _)| of != sight);
        if made.len() >= SIGHTS {
            made.remove(0);
        }
        made.push((sight.clone(), mark, answer.clone()));
        Ok(answer)
    }

    fn find(&self, sight: &Sight, mark: &Mark) -> Option<Arc<T>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let at = made
            .iter()
            .position(|(of, at, _)| of == sight && at == mark)?;
        let found = made.remove(at);
        let answer = found.2.clone();
        made.push(found);
        Some(answer)
    }
}
