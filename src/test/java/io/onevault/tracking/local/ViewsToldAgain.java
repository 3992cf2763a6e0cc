package io.onevault.tracking.local;

import io.onevault.tracking.migrate.TestDatabase;
import java.sql.SQLException;

/**
 * Lets events of a filled vault tell of page views again, and of their speed, as sessions would
 * then say.
 */
final class ViewsToldAgain {

    private static final String TOLD =
            """
            UPDATE business.site_event_details_s
               SET page_view_id = 'view-' || get_byte(event_hk, 1) % 3
             WHERE evt_type = 'page_view' AND get_byte(event_hk, 0) % 2 = 0;
            UPDATE business.site_event_details_s
               SET evt_type = 'web_vitals',
                   device_type = (ARRAY['mobile', 'desktop'])[1 + get_byte(event_hk, 1) % 2],
                   page_view_id = (ARRAY['view', 'other', NULL])[1 + get_byte(event_hk, 2) % 3],
                   properties = jsonb_build_object(
                       'lcp', get_byte(event_hk, 3) * 20 + get_byte(event_hk, 4),
                       'ttfb', get_byte(event_hk, 5) * 8,
                       'cls', get_byte(event_hk, 6) / 600.0,
                       'inp', CASE get_byte(event_hk, 7) % 4
                           WHEN 0 THEN to_jsonb(get_byte(event_hk, 8) * 3.3) WHEN 1 THEN '-1' WHEN 2 THEN '"5"' END)
             WHERE evt_type = 'scroll';
            UPDATE staging.site_tracking_events_s SET evt_type = 'web_vitals' WHERE evt_type = 'scroll';
            UPDATE business.site_session_details_s AS sessions
               SET repeated_views = again.told,
                   page_views = sessions.page_views - again.views
              FROM (SELECT session_hk,
                           jsonb_agg(jsonb_build_array(
                               (extract(epoch FROM event_timestamp) * 1000000)::bigint,
                               encode(event_hk, 'hex'),
                               CASE WHEN is_view THEN encode(page_hk, 'hex') ELSE '' END)) AS told,
                           count(*) FILTER (WHERE is_view) AS views
                      FROM (SELECT l.session_hk, l.event_timestamp, l.event_hk, p.page_hk,
                                   d.evt_type = 'page_view' AS is_view,
                                   row_number() OVER told AS place, lead(true) OVER told AS goes_on
                              FROM business.event_session_current_v l
                              JOIN business.site_event_details_s d USING (event_timestamp, event_hk)
                              JOIN business.site_event_h h USING (event_timestamp, event_hk)
                              JOIN business.event_page_l p USING (event_timestamp, event_hk)
                             WHERE l.link_kind = 'SESSION'
                               AND d.evt_type IN ('page_view', 'web_vitals')
                               AND d.page_view_id IS NOT NULL
                            WINDOW told AS (
                                PARTITION BY l.session_hk, d.evt_type, d.page_view_id
                                ORDER BY l.event_timestamp, h.event_bk COLLATE "C")) AS placed
                     WHERE CASE WHEN is_view THEN place > 1 ELSE goes_on END
                     GROUP BY session_hk) AS again
             WHERE sessions.session_hk = again.session_hk
               AND sessions.load_date = (SELECT max(load_date)
                                           FROM business.site_session_details_s AS versions
                                          WHERE versions.session_hk = again.session_hk);
            CALL business.site_rebuild_sessions()""";

    private ViewsToldAgain() {}

    static void in(TestDatabase database) throws SQLException {
        database.execute(TOLD);
    }
}
