//! Histograms of any numbers, put together in any order.

use dupeproof_scenarios::measure::Histogram;
use proptest::collection::vec;
use proptest::prelude::*;

use super::cases;

fn histogram(numbers: &[u64]) -> Histogram {
    let mut histogram = Histogram::default();
    numbers.iter().for_each(|number| histogram.count(*number));
    histogram
}

fn sum(one: &Histogram, other: &Histogram) -> Histogram {
    let mut sum = one.clone();
    sum.add(other);
    sum
}

/// Of any size: as likely to have few bits as many.
fn numbers() -> impl Strategy<Value = Vec<u64>> {
    vec((any::<u64>(), 0..64_u32).prop_map(|(bits, zeros)| bits >> zeros), 0..60)
}

/// The number that so many of a hundred of these do not exceed.
fn true_quantile(sorted: &[u64], percent: usize) -> u64 {
    sorted[(sorted.len() * percent).div_ceil(100).max(1) - 1]
}

proptest! {
    // 500 triples of up to 60 numbers reach every octave of buckets hundreds of times. Milliseconds.
    #![proptest_config(cases(500))]

    #[test]
    fn put_together_in_any_order_they_are_one_count_of_all_numbers(a in numbers(), b in numbers(), c in numbers()) {
        let whole = histogram(&[a.clone(), b.clone(), c.clone()].concat());
        let (a, b, c) = (histogram(&a), histogram(&b), histogram(&c));
        prop_assert_eq!(&sum(&sum(&a, &b), &c), &whole);
        prop_assert_eq!(&sum(&a, &sum(&b, &c)), &whole);
        prop_assert_eq!(&sum(&sum(&c, &b), &a), &whole);
        prop_assert_eq!(&sum(&whole, &Histogram::default()), &whole);
    }

    #[test]
    fn every_number_is_in_one_bucket_and_buckets_are_in_order(numbers in numbers()) {
        let histogram = histogram(&numbers);
        let buckets: Vec<_> = histogram.buckets().collect();
        prop_assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), numbers.len() as u64);
        prop_assert_eq!(histogram.total(), numbers.len() as u64);
        for pair in buckets.windows(2) {
            prop_assert!(pair[0].last < pair[1].first, "{:?}", pair);
        }
        for bucket in &buckets {
            let within = numbers.iter().filter(|number| (bucket.first..=bucket.last).contains(number)).count();
            prop_assert_eq!(bucket.count, within as u64, "{:?}", bucket);
        }
    }

    #[test]
    fn a_quantile_is_never_below_the_true_one_nor_above_the_greatest_nor_off_by_more_than_a_32nd(numbers in numbers()) {
        let histogram = histogram(&numbers);
        let mut sorted = numbers;
        sorted.sort_unstable();
        prop_assert_eq!(histogram.max(), sorted.last().copied());
        for (percent, quantile) in [(50, histogram.median()), (99, histogram.p99())] {
            prop_assert_eq!(quantile.is_some(), !sorted.is_empty());
            if let Some(quantile) = quantile {
                let exact = true_quantile(&sorted, percent);
                prop_assert!((exact..=sorted[sorted.len() - 1]).contains(&quantile), "{}: {}", exact, quantile);
                prop_assert!(quantile - exact <= exact / 32, "{}: {}", exact, quantile);
            }
        }
        prop_assert!(histogram.median() <= histogram.p99());
    }
}
