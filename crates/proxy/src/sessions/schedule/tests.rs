use super::*;

const START: Millis = Millis(100_000);

fn facts(status: &SessionStatus) -> Facts<'_> {
    Facts { status, has_long_poll: false, expires_in: Some(3_600_000) }
}

fn at(schedule: &RefreshSchedule, now: Millis, facts: &Facts<'_>) -> (Priority, u64) {
    let due = schedule.due(now, facts).unwrap();
    (due.priority, due.at.since(START).0)
}

#[test]
fn the_interval_depends_on_the_status() {
    let mut schedule = RefreshSchedule::new(START);
    schedule.record_poll(START, false);
    for (status, interval) in [
        (SessionStatus::Created, 700),
        (SessionStatus::Ready, 4_000),
        (SessionStatus::Running, 2_000),
        (SessionStatus::Unknown("NEW".into()), 2_000),
    ] {
        assert_eq!(at(&schedule, START, &facts(&status)), (Priority::Watched, interval), "{status}");
    }
    let later = START + NEW_AGE;
    assert_eq!(at(&schedule, later, &facts(&SessionStatus::Created)), (Priority::Watched, 2_000));
}

#[test]
fn an_unwatched_session_is_refreshed_once_a_minute() {
    let mut schedule = RefreshSchedule::new(START);
    schedule.record_poll(START, false);
    let later = START + WATCHED_FOR;
    assert_eq!(at(&schedule, later, &facts(&SessionStatus::Running)), (Priority::Rest, 60_000));
    let has_long_poll = Facts { has_long_poll: true, ..facts(&SessionStatus::Running) };
    assert_eq!(at(&schedule, later, &has_long_poll), (Priority::Watched, 2_000));
    schedule.record_poll(later, false);
    schedule.record_closed();
    assert_eq!(at(&schedule, later, &facts(&SessionStatus::Running)), (Priority::Rest, 60_000));
}

#[test]
fn a_fresh_request_goes_first_and_counts_once_in_three_seconds() {
    let mut schedule = RefreshSchedule::new(START);
    schedule.record_poll(START, true);
    let due = schedule.due(START, &facts(&SessionStatus::Running)).unwrap();
    assert_eq!((due.rank, due.at), (0, START));
    schedule.record_request(START);
    schedule.record_result(START, RefreshOutcome::Refreshed, 0);
    schedule.record_poll(START + Millis(2_999), true);
    assert_eq!(schedule.due(START, &facts(&SessionStatus::Running)).unwrap().rank, 1);
    schedule.record_poll(START + Millis(3_000), true);
    assert_eq!(schedule.due(START, &facts(&SessionStatus::Running)).unwrap().rank, 0);
}

#[test]
fn a_webhook_is_confirmed_immediately_then_every_ten_seconds() {
    let mut schedule = RefreshSchedule::new(START);
    schedule.record_webhook();
    assert_eq!(schedule.due(START, &facts(&SessionStatus::Running)).unwrap().priority, Priority::Confirm);
    schedule.record_request(START);
    schedule.record_webhook();
    schedule.record_result(START, RefreshOutcome::Refreshed, 0);
    assert_eq!(at(&schedule, START, &facts(&SessionStatus::Running)), (Priority::Confirm, 10_000));
}

#[test]
fn a_failed_confirmation_stays_due() {
    let mut schedule = RefreshSchedule::new(START);
    schedule.record_webhook();
    schedule.record_request(START);
    assert!(schedule.is_confirming() && schedule.due(START, &facts(&SessionStatus::Running)).is_none());
    schedule.record_result(START, RefreshOutcome::Failed, u64::MAX);
    let due = schedule.due(START, &facts(&SessionStatus::Running)).unwrap();
    assert_eq!(due.priority, Priority::Confirm);
    assert!(due.at > START);
}

#[test]
fn failures_back_off_up_to_a_limit() {
    let mut schedule = RefreshSchedule::new(START);
    schedule.record_poll(START, false);
    for _ in 0..10 {
        schedule.record_request(START);
        schedule.record_result(START, RefreshOutcome::Failed, 29_999);
    }
    assert_eq!(at(&schedule, START, &facts(&SessionStatus::Running)), (Priority::Watched, 30_499));
    schedule.record_request(START);
    schedule.record_result(START, RefreshOutcome::Refreshed, 0);
    assert_eq!(at(&schedule, START, &facts(&SessionStatus::Running)), (Priority::Watched, 2_000));
}

#[test]
fn a_changed_list_item_makes_the_session_due_immediately() {
    let mut schedule = RefreshSchedule::new(START);
    schedule.record_poll(START, false);
    let status = SessionStatus::Ready;
    let may = |schedule: &RefreshSchedule, now: Millis| schedule.may_be_listed(now, &facts(&status));
    assert!(
        !may(&schedule, START + Millis(1_999)) && may(&schedule, START + Millis(2_000)),
        "two seconds before it is due"
    );
    let now = START + Millis(3_000);
    schedule.record_list_request();
    assert!(schedule.due(now, &facts(&status)).is_none() && !may(&schedule, now), "a request is in flight");
    schedule.record_listed(now, false);
    assert_eq!(at(&schedule, now, &facts(&status)), (Priority::Watched, 7_000), "as after an individual request");
    schedule.record_list_request();
    schedule.record_listed(now + Millis(4_000), true);
    let due = schedule.due(now, &facts(&status)).unwrap();
    assert_eq!((due.priority, due.rank, due.at), (Priority::Watched, 0, now + Millis(4_000)));
    assert!(!may(&schedule, now + Millis(4_000)), "the list cannot show more");
    schedule.record_request(now + Millis(4_000));
    schedule.record_result(now + Millis(4_100), RefreshOutcome::Refreshed, 0);
    assert_eq!(schedule.due(now, &facts(&status)).unwrap().rank, 1);
}

#[test]
fn sessions_that_need_an_individual_request_are_not_looked_up() {
    let status = SessionStatus::Running;
    let now = START + Millis::from_secs(10);
    let watched = || {
        let mut schedule = RefreshSchedule::new(START);
        schedule.record_poll(START, false);
        schedule
    };
    assert!(watched().may_be_listed(now, &facts(&status)));
    for (what, change) in [
        ("a user who returned", (|schedule, now| schedule.record_poll(now, true)) as fn(&mut RefreshSchedule, Millis)),
        ("a webhook", |schedule, _| schedule.record_webhook()),
        ("a failed request", |schedule, now| {
            schedule.record_request(now);
            schedule.record_result(now, RefreshOutcome::Failed, 0);
        }),
        ("a session missing from the list", |schedule, now| schedule.record_unlisted(now)),
    ] {
        let mut schedule = watched();
        change(&mut schedule, now);
        assert!(!schedule.may_be_listed(now + Millis::from_secs(20), &facts(&status)), "{what}");
    }
    assert!(
        !watched().may_be_listed(START + MAX_FETCH_INTERVAL, &facts(&status)),
        "each is fetched individually once a minute"
    );
    let mut loaded = RefreshSchedule::loaded(START, START);
    loaded.record_poll(START, false);
    assert!(!loaded.may_be_listed(now, &facts(&status)), "a session not yet fetched since startup is not looked up");
    let mut gone = watched();
    gone.record_unlisted(now);
    assert!(gone.due(now, &facts(&status)).unwrap().at <= now, "it is due as before");
}

#[test]
fn an_expired_session_is_checked_once_and_then_rarely() {
    let mut schedule = RefreshSchedule::new(START);
    let status = SessionStatus::Ready;
    let left = |expires_in| Facts { status: &status, has_long_poll: false, expires_in: Some(expires_in) };
    assert_eq!(at(&schedule, START, &left(5_000)), (Priority::Rest, 7_000));
    schedule.record_request(START + Millis(7_000));
    schedule.record_result(START, RefreshOutcome::Refreshed, 0);
    assert_eq!(at(&schedule, START + Millis(7_000), &left(-2_000)), (Priority::Rest, 67_000));
    let long_after = Facts { has_long_poll: true, ..left(OVERDUE) };
    assert_eq!(at(&schedule, START, &long_after), (Priority::Rest, 7_000 + 15 * 60_000));
}
