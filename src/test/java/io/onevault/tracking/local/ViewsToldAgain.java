package io.onevault.tracking.local;

import io.onevault.tracking.migrate.TestDatabase;
import java.sql.SQLException;

/** Lets events of a filled vault tell of page views again, as sessions would then say. */
final class ViewsToldAgain {

    private static final String TOLD =
            """
            UPDATE business.site_event_details_s
               SET page_view_id = 'view-' || get_byte(event_hk, 1) % 3
             WHERE evt_type = 'page_view' AND get_byte(event_hk, 0) % 2 = 0;
            UPDATE business.site_session_details_s AS sessions
               SET repeated_views = again.told,
                   page_views = sessions.page_views - jsonb_array_length(again.told)
              FROM (SELECT session_hk,
                           jsonb_agg(jsonb_build_array(
                               (extract(epoch FROM event_timestamp) * 1000000)::bigint,
                               encode(event_hk, 'hex'), encode(page_hk, 'hex'))) AS told
                      FROM (SELECT l.session_hk, l.event_timestamp, l.event_hk, p.page_hk,
                                   row_number() OVER (
                                       PARTITION BY l.session_hk, d.page_view_id
                                       ORDER BY l.event_timestamp, h.event_bk COLLATE "C") AS place
                              FROM business.event_session_current_v l
                              JOIN business.site_event_details_s d USING (event_timestamp, event_hk)
                              JOIN business.site_event_h h USING (event_timestamp, event_hk)
                              JOIN business.event_page_l p USING (event_timestamp, event_hk)
                             WHERE l.link_kind = 'SESSION'
                               AND d.evt_type = 'page_view'
                               AND d.page_view_id IS NOT NULL) AS placed
                     WHERE place > 1
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
