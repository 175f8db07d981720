//! The time axis: from moments to places on paper.
//!
//! Time runs evenly where something happens. A stretch in which nothing begins, ends or happens is cut to a fixed
//! length and marked as a break; moments closer together than a few pixels are shown apart.

use dupeproof_core::Span;
use dupeproof_sim::Global;

/// Pixels per second where time runs evenly.
const PACE: f64 = 40.0;
/// From roomy to tight: the longest that an idle stretch is shown, which is also the room a break mark takes, and the
/// least room between two moments; in pixels.
const FITS: [(f64, f64); 7] =
    [(150.0, 30.0), (120.0, 20.0), (100.0, 12.0), (80.0, 8.0), (56.0, 5.0), (40.0, 4.0), (28.0, 3.0)];
/// A drawing is kept below this width, in pixels, as long as it can be.
const WIDEST: f64 = 1_040.0;

/// Places moments on paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    points: Vec<(Global, f64)>,
    /// The idle stretches that were cut.
    pub breaks: Vec<Break>,
}

/// An idle stretch that was cut.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Break {
    /// Where it begins, in pixels.
    pub from: f64,
    /// Where it ends, in pixels.
    pub until: f64,
    /// How long it is in truth.
    pub span: Span,
}

impl Scale {
    /// Places these moments, which are sorted and not empty, the first at zero.
    pub fn of(moments: &[Global]) -> Scale {
        let mut scales = FITS.into_iter().map(|(longest, closest)| Scale::with(moments, longest, closest));
        let roomy = scales.find(|scale| scale.width() <= WIDEST);
        let (longest, closest) = FITS[FITS.len() - 1];
        roomy.unwrap_or_else(|| Scale::with(moments, longest, closest))
    }

    /// The place of a moment, in pixels; between two known moments, in proportion.
    pub fn x(&self, at: Global) -> f64 {
        let after = self.points.partition_point(|(moment, _)| *moment <= at);
        let (Some(before), after) = (after.checked_sub(1).map(|place| self.points[place]), self.points.get(after))
        else {
            return 0.0;
        };
        match after {
            Some(after) => {
                let part = seconds(at.since(before.0)) / seconds(after.0.since(before.0));
                before.1 + part * (after.1 - before.1)
            }
            None => before.1,
        }
    }

    /// The whole width, in pixels.
    pub fn width(&self) -> f64 {
        self.points.last().map_or(0.0, |(_, x)| *x)
    }

    /// Moments to write on the axis, no two closer than `room` pixels.
    pub fn ticks(&self, room: f64) -> Vec<(Global, f64)> {
        let mut ticks: Vec<(Global, f64)> = Vec::new();
        for point in &self.points {
            if ticks.last().is_none_or(|last| point.1 - last.1 >= room) {
                ticks.push(*point);
            }
        }
        ticks
    }

    fn with(moments: &[Global], longest: f64, closest: f64) -> Scale {
        let mut scale = Scale { points: vec![(moments[0], 0.0)], breaks: Vec::new() };
        for pair in moments.windows(2) {
            let span = pair[1].since(pair[0]);
            let from = scale.width();
            let even = seconds(span) * PACE;
            let until = from + even.clamp(closest, longest);
            if even > longest {
                scale.breaks.push(Break { from, until, span });
            }
            scale.points.push((pair[1], until));
        }
        scale
    }
}

fn seconds(span: Span) -> f64 {
    span.as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: u64) -> Global {
        Global(millis * 1_000)
    }

    #[test]
    fn later_is_always_further_right() {
        let moments: Vec<Global> = [0, 1, 50, 1_000, 400_000, 400_010].map(at).to_vec();
        let scale = Scale::of(&moments);
        for pair in moments.windows(2) {
            assert!(scale.x(pair[0]) < scale.x(pair[1]), "{pair:?}");
        }
        assert!(scale.x(at(100_000)) < scale.x(at(200_000)));
    }

    #[test]
    fn only_long_idle_stretches_are_cut() {
        let scale = Scale::of(&[0, 1_000, 400_000].map(at));
        assert!(scale.width() <= WIDEST);
        assert_eq!(scale.breaks.len(), 1);
        assert_eq!(scale.breaks[0].span, Span::secs(399));
        assert!((scale.x(at(1_000)) - PACE).abs() < 1e-9);
    }

    #[test]
    fn many_moments_are_drawn_closer_to_fit() {
        let moments: Vec<Global> = (0..150).map(|n| at(n * 30_000)).collect();
        assert!(Scale::of(&moments[..6]).width() > 700.0);
        assert!(Scale::of(&moments[..25]).width() <= WIDEST);
        assert!(Scale::of(&moments).width() > WIDEST, "some are too many for any page: it scrolls");
    }

    #[test]
    fn ticks_keep_their_distance() {
        let moments: Vec<Global> = (0..100).map(|n| at(n * 10)).collect();
        let ticks = Scale::of(&moments).ticks(50.0);
        assert!(ticks.len() > 2);
        assert!(ticks.windows(2).all(|pair| pair[1].1 - pair[0].1 >= 50.0));
    }
}
