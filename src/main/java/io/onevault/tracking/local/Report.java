package io.onevault.tracking.local;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A table for people: the current sessions of each tenant in figures. */
final class Report {

    private static final int ENTRY_CHARS = 48;

    /** Columns at the end that are no figures: money of several currencies, and a page. */
    private static final int TEXTS = 3;

    private static final String QUERY =
            """
            WITH amounts AS (
                SELECT
                    sums.tenant_hk,
                    string_agg(sums.amount, ', ' ORDER BY sums.currency)
                        FILTER (WHERE sums.kind = 'revenue') AS revenue,
                    string_agg(sums.amount, ', ' ORDER BY sums.currency)
                        FILTER (WHERE sums.kind = 'refunds') AS refunds
                FROM (
                    SELECT
                        sessions.tenant_hk,
                        kinds.kind,
                        parts.key AS currency,
                        parts.key || ' ' || to_char(
                            sum(parts.value::numeric), 'FM999,999,999,990.00') AS amount
                    FROM business.site_session_details_current_v AS sessions
                    CROSS JOIN LATERAL (VALUES
                        ('revenue', sessions.revenue),
                        ('refunds', sessions.refunds)
                    ) AS kinds (kind, by_currency)
                    CROSS JOIN LATERAL jsonb_each_text(kinds.by_currency) AS parts
                    GROUP BY
                        sessions.tenant_hk,
                        kinds.kind,
                        parts.key
                ) AS sums
                GROUP BY sums.tenant_hk
            )
            SELECT
                tenants.tenant_bk,
                count(*) AS sessions,
                count(*) FILTER (WHERE sessions.is_bot) AS bots,
                count(DISTINCT sessions.visitor_hk) AS visitors,
                sum(sessions.page_views) AS page_views,
                100.0 * count(*) FILTER (WHERE sessions.is_bounce)
                    / nullif(count(sessions.is_bounce), 0) AS bounce_percent,
                sum(sessions.conversions) AS conversions,
                max(amounts.revenue) AS revenue,
                max(amounts.refunds) AS refunds,
                percentile_disc(0.5) WITHIN GROUP (
                    ORDER BY sessions.duration_seconds
                ) AS median_seconds,
                mode() WITHIN GROUP (ORDER BY sessions.entry_page_url) AS top_entry
            FROM business.site_session_details_current_v AS sessions
            JOIN auth.tenant_h AS tenants
                ON tenants.tenant_hk = sessions.tenant_hk
            LEFT JOIN amounts
                ON amounts.tenant_hk = sessions.tenant_hk
            GROUP BY tenants.tenant_bk
            ORDER BY tenants.tenant_bk COLLATE "C"
            """;

    private static final List<String> HEADER =
            List.of(
                    "tenant",
                    "sessions",
                    "of bots",
                    "visitors",
                    "page views",
                    "bounce",
                    "conversions",
                    "median",
                    "revenue",
                    "refunds",
                    "top entry page");

    private Report() {}

    static String of(Connection connection) throws SQLException {
        List<List<String>> table = new ArrayList<>();
        table.add(HEADER);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(QUERY)) {
            while (row.next()) {
                table.add(cells(row));
            }
        }
        return table.size() == 1 ? "No sessions yet." : layOut(table);
    }

    private static List<String> cells(ResultSet row) throws SQLException {
        String bounce = row.getString("bounce_percent");
        return List.of(
                row.getString("tenant_bk"),
                row.getString("sessions"),
                row.getString("bots"),
                row.getString("visitors"),
                row.getString("page_views"),
                bounce == null ? "-" : Math.round(Double.parseDouble(bounce)) + " %",
                row.getString("conversions"),
                duration(row.getLong("median_seconds")),
                orDash(row.getString("revenue")),
                orDash(row.getString("refunds")),
                shorten(orDash(row.getString("top_entry"))));
    }

    private static String duration(long seconds) {
        return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    }

    private static String orDash(@Nullable String text) {
        return text == null ? "-" : text;
    }

    private static String shorten(String url) {
        return url.length() <= ENTRY_CHARS ? url : url.substring(0, ENTRY_CHARS - 1) + "…";
    }

    /** Columns as wide as their widest cell; figures to the right, texts to the left. */
    static String layOut(List<List<String>> table) {
        int columns = table.get(0).size();
        int[] widths = new int[columns];
        for (List<String> row : table) {
            for (int column = 0; column < columns; column++) {
                widths[column] = Math.max(widths[column], row.get(column).length());
            }
        }
        StringBuilder text = new StringBuilder();
        for (List<String> row : table) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < columns; column++) {
                String pad = " ".repeat(widths[column] - row.get(column).length());
                boolean figure = column > 0 && column < columns - TEXTS;
                line.append(figure ? pad + row.get(column) : row.get(column) + pad).append("  ");
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
