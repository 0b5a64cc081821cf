//! A contest as text: `race?on=rosenbrock&racers=sgd@0.001,adam&steps=500&start=-1,1`, or
//! `race?on=net&racers=sgd,adam@0.1&lab=moons?seed=3`. Only what differs from the default is written.
//!
//! What stands behind `lab=` is the link of an experiment and takes the rest of the text, so that a net has one spelling
//! everywhere, its seed included.

use super::{Arena, Contest, MAX_RACERS, MAX_STEPS, Racer, Surface};
use crate::data::DataSet;
use crate::experiment::Experiment;
use crate::link::{self, MAX_LINK_BYTES, Refusal, number, percent_decode, whole};
use crate::registry::Registry;
use crate::training::{MAX_LEARNING_RATE, OPTIMIZERS, OptimizerSpec};

/// The page's name in addresses.
pub const PAGE: &str = "race";
/// What `on` says for a net.
const NET: &str = "net";

/// What a link says, and what of it could not be used.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded {
    /// The default with every readable field in it; always one that can be held.
    pub contest: Contest,
    /// In the order they were found.
    pub refusals: Vec<Refusal>,
}

/// Writes a contest as a link (without the leading `#`).
///
/// ```
/// use descent_spec::contest::{Arena, Contest, Surface, link};
/// assert_eq!(link::encode(&Contest::default()), "race");
/// let mut contest = Contest::on(Arena::surface(Surface::Saddle));
/// contest.racers.truncate(2);
/// contest.racers[1].learning_rate = 0.5;
/// assert_eq!(link::encode(&contest), "race?on=saddle&racers=sgd,momentum@0.5");
/// assert_eq!(link::decode(&link::encode(&contest)).contest, contest);
/// ```
pub fn encode(contest: &Contest) -> String {
    let default = Contest::on(contest.arena.clone());
    let mut fields = Vec::new();
    match &contest.arena {
        Arena::Surface { surface, .. } if *surface == Surface::Bowl => {}
        Arena::Surface { surface, .. } => fields.push(format!("on={}", surface.id())),
        Arena::Net { .. } => fields.push(format!("on={NET}")),
    }
    if contest.racers != default.racers {
        let racers: Vec<String> = contest.racers.iter().map(|racer| spelled(racer, &contest.arena)).collect();
        fields.push(format!("racers={}", racers.join(",")));
    }
    if contest.steps != default.steps {
        fields.push(format!("steps={}", contest.steps));
    }
    match &contest.arena {
        Arena::Surface { surface, start } if *start != surface.facts().start => {
            fields.push(format!("start={},{}", start.0, start.1));
        }
        Arena::Net { experiment } if **experiment != Experiment::for_set(DataSet::Moons) => {
            // Last, because it takes the rest.
            fields.push(format!("lab={}", link::encode(experiment)));
        }
        _ => {}
    }
    if fields.is_empty() { PAGE.into() } else { format!("{PAGE}?{}", fields.join("&")) }
}

/// Reads a link: a whole address, its fragment, or only what stands behind the `#`.
pub fn decode(text: &str) -> Decoded {
    let mut refusals = Vec::new();
    if text.len() > MAX_LINK_BYTES {
        let why = format!("it has {} bytes, and {MAX_LINK_BYTES} is the most", text.len());
        refusals.push(Refusal::new("link", text, why));
        return Decoded { contest: Contest::default(), refusals };
    }
    let fragment = text.split_once('#').map_or(text, |(_, fragment)| fragment).trim_start_matches('/');
    let query = fragment.split_once('?').map_or("", |(_, query)| query);
    let (query, lab) = split_lab(query);
    let pairs: Vec<(&str, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(key, value)| (key, percent_decode(value)))
        .collect();
    let value_of = |key: &str| pairs.iter().find(|(found, _)| *found == key).map(|(_, value)| value.as_str());

    let mut arena = read_arena(value_of("on"), lab, &mut refusals);
    if let Some(value) = value_of("start") {
        match read_start(&arena, value) {
            Ok(moved) => arena = moved,
            Err(why) => refusals.push(Refusal::new("start", value, why)),
        }
    }
    let mut contest = Contest::on(arena);
    if let Some(value) = value_of("racers") {
        match read_racers(value, &contest.arena) {
            Ok(racers) => contest.racers = racers,
            Err(why) => refusals.push(Refusal::new("racers", value, why)),
        }
    }
    if let Some(value) = value_of("steps") {
        match whole(value, 1, MAX_STEPS as usize) {
            Ok(steps) => contest.steps = steps as u32,
            Err(why) => refusals.push(Refusal::new("steps", value, why)),
        }
    }
    for (key, value) in &pairs {
        if !["on", "start", "racers", "steps"].contains(key) {
            refusals.push(Refusal::new(key, value, "a race has no such field".into()));
        }
    }
    Decoded { contest, refusals }
}

/// What stands before `lab=`, and behind it.
fn split_lab(query: &str) -> (&str, Option<&str>) {
    match (query.strip_prefix("lab="), query.split_once("&lab=")) {
        (Some(lab), _) => ("", Some(lab)),
        (None, Some((before, lab))) => (before, Some(lab)),
        (None, None) => (query, None),
    }
}

fn read_arena(on: Option<&str>, lab: Option<&str>, refusals: &mut Vec<Refusal>) -> Arena {
    let default = || Arena::surface(Surface::Bowl);
    match (on, lab) {
        (Some(NET), lab) => {
            let decoded = lab.map(|lab| link::decode(&if lab.contains('?') { lab.to_owned() } else { percent_decode(lab) }));
            let experiment = decoded.map_or_else(
                || Experiment::for_set(DataSet::Moons),
                |decoded| {
                    refusals.extend(decoded.refusals);
                    decoded.experiment
                },
            );
            let arena = Arena::net(experiment);
            match arena.check() {
                Ok(()) => arena,
                Err(why) => {
                    refusals.push(Refusal::new("lab", lab.unwrap_or_default(), why.trim_end_matches('.').to_owned()));
                    Arena::net(Experiment::for_set(DataSet::Moons))
                }
            }
        }
        (on, lab) => {
            if let Some(lab) = lab {
                refusals.push(Refusal::new("lab", lab, "only a race on=net has a lab".into()));
            }
            match on.map(Surface::parse) {
                None => default(),
                Some(Ok(surface)) => Arena::surface(surface),
                Some(Err(why)) => {
                    refusals.push(Refusal::new("on", on.unwrap_or_default(), format!("{why}, and {NET}")));
                    default()
                }
            }
        }
    }
}

fn read_start(arena: &Arena, text: &str) -> Result<Arena, String> {
    let Arena::Surface { surface, .. } = arena else { return Err("a net starts from its seed".into()) };
    let (x, y) = text.split_once(',').ok_or("a start is written x,y")?;
    let [left, right, low, high] = surface.facts().view;
    let within = |text: &str, low: f64, high: f64| match text.trim().parse::<f64>() {
        Ok(value) if (low..=high).contains(&value) => Ok(value),
        Ok(_) => Err(format!("it must lie between {low} and {high}")),
        Err(_) => Err("expected a number".to_owned()),
    };
    Ok(Arena::Surface { surface: *surface, start: (within(x, left, right)?, within(y, low, high)?) })
}

/// `adam` or `adam@0.1`; the rate only where it is not the arena's own.
fn spelled(racer: &Racer, arena: &Arena) -> String {
    let rate = rate_of(&racer.optimizer, arena);
    let name = racer.optimizer.to_link();
    if racer.learning_rate == rate { name } else { format!("{name}@{}", racer.learning_rate) }
}

fn rate_of(optimizer: &OptimizerSpec, arena: &Arena) -> f64 {
    let row = OPTIMIZERS.iter().zip(arena.rates()).find(|(entry, _)| entry.id == optimizer.entry().id);
    row.map_or(optimizer.entry().learning_rate, |(_, rate)| rate)
}

fn read_racers(text: &str, arena: &Arena) -> Result<Vec<Racer>, String> {
    if text.split(',').count() > MAX_RACERS {
        return Err(format!("there can be at most {MAX_RACERS} racers"));
    }
    let racer = |text: &str| {
        let (name, rate) = text.split_once('@').map_or((text, None), |(name, rate)| (name, Some(rate)));
        let optimizer = OptimizerSpec::from_link(name)?;
        let learning_rate = match rate {
            Some(rate) => number(rate, f64::MIN_POSITIVE, MAX_LEARNING_RATE)?,
            None => rate_of(&optimizer, arena),
        };
        Ok(Racer { optimizer, learning_rate })
    };
    let mut racers = text.split(',').map(racer).collect::<Result<Vec<Racer>, String>>()?;
    // In the order of the table, whatever their order in the link: the page lists them so.
    let place = |racer: &Racer| OPTIMIZERS.iter().position(|entry| entry.id == racer.optimizer.entry().id);
    racers.sort_by_key(place);
    if racers.windows(2).any(|pair| place(&pair[0]) == place(&pair[1])) {
        return Err("an optimizer can race only once".into());
    }
    Ok(racers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contests_survive_their_link() {
        for text in [
            "race",
            "race?on=rosenbrock",
            "race?on=net",
            "race?racers=sgd@0.5",
            "race?on=beale&racers=momentum:0.5,adam@0.001&steps=2000&start=-1,1.5",
            "race?on=net&racers=sgd,adamw:0.9:0.999:1e-8:0.1@1&steps=1&lab=spiral?layers=dense:4:tanh&lr=0.1&seed=7",
            "race?on=net&lab=circle",
        ] {
            let decoded = decode(text);
            assert_eq!(decoded.refusals, [], "{text}");
            assert_eq!(encode(&decoded.contest), text);
            assert_eq!(decoded.contest.check(), Ok(()), "{text}");
        }
        assert_eq!(
            decode("https://a.b/#/race?on=net&lab=circle%3Fseed=3").contest,
            decode("race?on=net&lab=circle?seed=3").contest
        );
        assert_eq!(encode(&decode("race?racers=adam,sgd").contest), "race?racers=sgd,adam");
    }

    #[test]
    fn what_cannot_be_used_is_refused_and_the_rest_counts() {
        for (text, says) in [
            ("race?on=hill", "no surface of this name; there are bowl, rosenbrock, beale, himmelblau, saddle, and net"),
            ("race?racers=sgd,sgd@0.1", "only once"),
            ("race?racers=lion", "no optimizer of this name"),
            ("race?racers=sgd@0", "greater than 0"),
            ("race?racers=", "no optimizer of this name"),
            ("race?steps=99999", "between 1 and 2000"),
            ("race?start=1", "written x,y"),
            ("race?start=NaN,0", "between -5 and 5"),
            ("race?start=900,0", "between -5 and 5"),
            ("race?on=net&start=1,1", "from its seed"),
            ("race?on=net&lab=mnist", "points of a plane"),
            ("race?lab=moons", "on=net"),
            ("race?colour=red", "no such field"),
        ] {
            let decoded = decode(
                &format!("{text}{}steps=5", if text.contains('?') { "&" } else { "?" }).replace("lab=moons&steps=5", "lab=moons"),
            );
            let whys: Vec<&str> = decoded.refusals.iter().map(|refusal| refusal.why.as_str()).collect();
            assert!(whys.iter().any(|why| why.contains(says)), "{text}: {whys:?}");
            assert_eq!(decoded.contest.check(), Ok(()), "{text}");
        }
        assert_eq!(decode(&format!("race?{}", "x".repeat(9000))).refusals.len(), 1);
    }
}
