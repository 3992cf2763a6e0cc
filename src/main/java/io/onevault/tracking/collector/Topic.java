package io.onevault.tracking.collector;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A question, who looks at its answers, and the last one of these. */
final class Topic {

    /** How long an event may be on its way. */
    private final Duration patience;

    private final Question.Asked asked;
    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();
    private volatile byte @Nullable [] latest;

    Topic(Question.Asked asked, Duration patience) {
        this.asked = asked;
        this.patience = patience;
    }

    Question.Asked asked() {
        return asked;
    }

    int size() {
        return subscribers.size();
    }

    /** Adds somebody, who is sent what the others were sent last. */
    void add(Subscriber subscriber) {
        subscribers.add(subscriber);
        subscriber.begin(latest, failure -> leave(subscriber, failure));
    }

    /** Sends an event to all who still may read. */
    void push(byte[] event) {
        latest = event;
        for (Subscriber subscriber : subscribers) {
            if (subscriber.mayRead()) {
                subscriber.push(event, patience, failure -> leave(subscriber, failure));
            } else {
                leave(subscriber, null);
            }
        }
    }

    /** Tells all why nothing comes any more; who still reads an event is told the next time. */
    void refuse(Refusal refusal) {
        latest = null;
        for (Subscriber subscriber : subscribers) {
            if (subscriber.isFree(patience) && subscribers.remove(subscriber)) {
                subscriber.refuse(refusal);
            }
        }
    }

    /** An answer ends once. */
    private void leave(Subscriber subscriber, @Nullable Throwable failure) {
        if (subscribers.remove(subscriber)) {
            subscriber.end(failure);
        }
    }

    void end() {
        subscribers.forEach(subscriber -> leave(subscriber, null));
    }
}
