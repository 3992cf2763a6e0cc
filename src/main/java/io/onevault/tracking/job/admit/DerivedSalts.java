package io.onevault.tracking.job.admit;

import io.onevault.tracking.job.settings.Secrets;
import java.time.LocalDate;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;

/** A salt for any day, computed when asked for. */
final class DerivedSalts extends AbstractMap<LocalDate, byte[]> {

    private final Secrets secrets;

    DerivedSalts(Secrets secrets) {
        this.secrets = secrets;
    }

    @Override
    public byte[] get(Object day) {
        return secrets.ofDay((LocalDate) day);
    }

    @Override
    public Set<Map.Entry<LocalDate, byte[]>> entrySet() {
        throw new UnsupportedOperationException("there is a salt for every day");
    }
}
