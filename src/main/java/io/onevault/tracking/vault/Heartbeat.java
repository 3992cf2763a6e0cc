package io.onevault.tracking.vault;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Writes a loader's sign of life, on the loader's own connection: it proves that the loader could
 * write, too.
 *
 * @param layers that it writes to
 * @param part the step that loads
 * @param version version of the job
 * @param archiveDays for how many days the job's archive has an event, a part of one as a whole
 */
public record Heartbeat(
        Layers layers, String part, String version, int archiveDays, String recordSource)
        implements Serializable {

    private static final String BEAT =
            """
            INSERT INTO raw.site_tracking_heartbeat_r AS h (
                program, part, beat_at, version, archive_days, record_source
            )
            VALUES (?, ?, now(), ?, ?, ?)
            ON CONFLICT (program, part) DO UPDATE
               SET beat_at = excluded.beat_at,
                   version = excluded.version,
                   archive_days = excluded.archive_days,
                   record_source = excluded.record_source""";

    /**
     * @param connection in auto-commit mode
     */
    public void beat(Connection connection) throws SQLException {
        try (PreparedStatement beat = connection.prepareStatement(BEAT)) {
            beat.setString(1, layers == Layers.SHADOW ? "SHADOW" : "LOADER");
            beat.setString(2, part);
            beat.setString(3, version);
            beat.setInt(4, archiveDays);
            beat.setString(5, recordSource);
            beat.executeUpdate();
        }
    }
}
