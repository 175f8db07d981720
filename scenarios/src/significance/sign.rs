//! The exact test of McNemar: of pairs that differ, as many should differ one way as the other.

/// The probability, if both ways are equally likely, that pairs are split at least as unevenly as this; two-sided. The pairs
/// that do not differ say nothing.
pub fn sign_test(one_way: u64, other_way: u64) -> f64 {
    let (few, all) = (one_way.min(other_way), one_way + other_way);
    if one_way == other_way {
        return 1.0;
    }
    (2.0 * likelihood(few, all) * tail(few, all)).min(1.0)
}

/// `C(all, few) / 2^all`, multiplied out so that no step leaves the range of a float before the result does.
fn likelihood(few: u64, all: u64) -> f64 {
    let mut product = 1.0;
    let mut halvings = all;
    for step in 1..=few {
        product *= float(all - few + step) / float(step);
        while product > 1.0 && halvings > 0 {
            product *= 0.5;
            halvings -= 1;
        }
    }
    // A float that is halved this often is zero.
    for _ in 0..halvings.min(2_200) {
        product *= 0.5;
    }
    product
}

/// The sum of `C(all, i) / C(all, few)` for `i` from `few` down to 0.
fn tail(few: u64, all: u64) -> f64 {
    let (mut sum, mut term) = (1.0, 1.0);
    for place in (1..=few).rev() {
        term *= float(place) / float(all - place + 1);
        sum += term;
    }
    sum
}

#[expect(clippy::cast_precision_loss, reason = "numbers of schedules are far below 2^53")]
fn float(number: u64) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::sign_test;

    fn assert_near(found: f64, expected: f64) {
        assert!((found - expected).abs() <= expected * 1e-9, "{found} is not {expected}");
    }

    #[test]
    fn textbook_values_come_out() {
        // 2 * sum of C(n, i) / 2^n for i up to the smaller number.
        assert_near(sign_test(0, 1), 1.0);
        assert_near(sign_test(0, 5), 2.0 / 32.0);
        assert_near(sign_test(1, 9), 2.0 * 11.0 / 1_024.0);
        assert_near(sign_test(10, 2), 2.0 * (1.0 + 12.0 + 66.0) / 4_096.0);
        assert_near(sign_test(4, 5), 1.0);
        // Agresti, Categorical Data Analysis (2002), table 10.1: of 1,600 voters 150 left the prime minister and 86 came. The
        // book's normal approximation is z = 4.17; the exact value is from whole numbers of any length.
        assert_near(sign_test(150, 86), 3.715_936_139_571_442e-5);
        assert_near(sign_test(400, 600), 2.728_464_156_066_018_4e-10);
        assert_eq!(sign_test(7, 7).to_bits(), 1.0_f64.to_bits());
        assert_eq!(sign_test(0, 0).to_bits(), 1.0_f64.to_bits());
    }

    #[test]
    fn thousands_of_pairs_neither_overflow_nor_lose_the_result() {
        assert!(sign_test(0, 5_000) < 1e-300);
        assert!(sign_test(4_000, 6_000) < 1e-80 && sign_test(4_000, 6_000) > 0.0);
        let even = sign_test(49_990, 50_010);
        assert!(even > 0.9 && even <= 1.0, "{even}");
    }
}
