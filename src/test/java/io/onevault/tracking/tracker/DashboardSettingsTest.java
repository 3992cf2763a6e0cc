package io.onevault.tracking.tracker;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** How the dashboard changes what all share who look at a site. */
@ExtendWith(Chromium.class)
final class DashboardSettingsTest {

    @Test
    void aRefusedChangeIsToldBesideItsFormAndNothingTypedIsLost(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context()).refuse("/write/settings", 400);
        Page page = dashboard.open("view=settings");
        page.fill("#alert-name", "Quiet");
        page.fill("#alert-below", "1");
        page.fill("#goal-name", "half");
        Locator form = page.locator("[aria-label=Alerts] form");
        for (int time = 0; time < 2; time++) {
            form.locator("[type=submit]").click();
            page.waitForFunction("!document.querySelector('[type=submit]:disabled')");
        }

        assertThat(page.locator("[role=alert]").count()).isOne();
        assertThat(form.locator("[role=alert]").innerText()).contains("Not so.");
        assertThat(page.inputValue("#alert-name")).isEqualTo("Quiet");

        dashboard.allow("/write/settings");
        form.locator("[type=submit]").click();
        page.locator("[role=alert]").waitFor(AnsweredDashboard.GONE);
        page.waitForFunction("document.querySelector('#alert-name').value === ''");
        assertThat(page.inputValue("#goal-name")).isEqualTo("half");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void aRefusedSegmentIsToldInItsDialogOnce(Site site) {
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context()).refuse("/write/settings", 400);
        Page page = dashboard.open("filters={\"device\":[\"mobile\"]}");
        page.locator("[aria-label='Keep these filters as a segment']").click();
        page.fill("dialog #field-name", "Phones");
        for (int time = 0; time < 2; time++) {
            page.locator("dialog [type=submit]").click();
            page.waitForFunction("!document.querySelector('[type=submit]:disabled')");
        }

        assertThat(page.locator("dialog form [role=alert]").count()).isOne();
        assertThat(page.inputValue("dialog #field-name")).isEqualTo("Phones");
    }

    /** One of a day to come would not be on the chart. */
    @Test
    void aNoteIsOfADayThatHasBegun(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        dashboard.page().clock().setFixedTime("2026-02-28T23:30:00Z");
        Page page = dashboard.open("from=2026-02-20&to=2026-03-09");
        page.locator(".annotate").click();
        Locator day = page.locator("dialog [name=day]");

        assertThat(day.inputValue()).isEqualTo("2026-03-01");
        day.fill("2026-03-02");
        assertThat(day.evaluate("(input) => input.validity.rangeOverflow")).isEqualTo(true);
    }

    @Test
    void aGoalOfAnotherTabIsKept(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        Page page = dashboard.open("view=settings");
        dashboard.answer(
                "/read/settings", dashboard.answer("settings").replace("sign_up", "enquiry"));
        page.fill("#field-goal", "call");
        page.locator("[aria-label=Goals] [type=submit]").click();
        page.waitForFunction("document.querySelector('#field-goal').value === ''");

        assertThat(dashboard.changes()).containsExactly("{\"goals\":[\"enquiry\",\"call\"]}");
    }

    /** The api would tell it in the names of its own options. */
    @Test
    void aGoalByNameThatCountsNothingIsToldInTheWordsOfItsForm(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        Page page = dashboard.open("view=settings");
        Locator add = page.locator("[aria-label='Goals by name'] [type=submit]");
        page.fill("#goal-name", "Big");
        page.fill("#goal-evt_type", " ");
        page.fill("#goal-min_value", "100");
        add.click();
        assertThat(told(page, "#goal-evt_type"))
                .isEqualTo("Fill in an event type, a page or a property.");
        page.fill("#goal-evt_type", "purchase");
        page.fill("#goal-property_value", "gold");
        add.click();
        assertThat(told(page, "#goal-property"))
                .isEqualTo("Name the property that has this value.");
        page.fill("#goal-property", "tier");
        add.click();
        page.waitForFunction("document.querySelector('#goal-name').value === ''");

        assertThat(dashboard.changes())
                .containsExactly(
                        "{\"goal\":{\"name\":\"Big\",\"evt_type\":\"purchase\",\"property\":\"tier\","
                                + "\"property_value\":\"gold\",\"min_value\":100}}");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void aGoalTooManyIsToldAndNotSent(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        String fifty = String.join("\", \"", Collections.nCopies(50, "sign_up"));
        dashboard.answer("settings", dashboard.answer("settings").replace("sign_up", fifty));
        Page page = dashboard.open("view=settings");
        page.fill("#field-goal", "call");
        page.locator("[aria-label=Goals] [type=submit]").click();

        page.locator("[aria-label=Goals] [role=alert]:has-text('There are 50 goals')").waitFor();
        assertThat(dashboard.changes()).isEmpty();
    }

    @Test
    void everyListIsAFileOfWhatItIsByNow(Site site) throws IOException {
        String settings =
                """
                {"goals": [%s], "named_goals": [{"name": "Big", "evt_type": "purchase", "min_value": 100}],
                 "segments": [{"name": "Phones", "filters": {"device": ["mobile"]}}],
                 "annotations": [{"day": "2026-03-01", "text": "Sale"}],
                 "links": [{"name": "Agency", "filters": {}, "expires_at": "2026-06-01T00:00:00Z",
                            "has_password": true}],
                 "alerts": [{"name": "Quiet", "metric": "visits", "below": 7, "hours": 1}]}""";
        AnsweredDashboard dashboard =
                new AnsweredDashboard(site.context())
                        .answer("/read/settings", settings.formatted("\"sign_up\""))
                        .answer("/write/settings", settings.formatted("\"sign_up\", \"call\""));
        Page page = dashboard.open("view=settings");
        page.fill("#field-goal", "call");
        page.locator("[aria-label=Goals] [type=submit]").click();
        page.locator("[aria-label='Remove call']").waitFor();

        assertThat(file(page, "goals")).isEqualTo("evt_type\r\nsign_up\r\ncall\r\n");
        assertThat(file(page, "goals by name")).contains("\r\nBig,purchase,,,,100\r\n");
        assertThat(file(page, "segments"))
                .contains("\r\nPhones,\"{\"\"device\"\":[\"\"mobile\"\"]}\"");
        assertThat(file(page, "annotations")).isEqualTo("day,text\r\n2026-03-01,Sale\r\n");
        assertThat(file(page, "links")).contains("\r\nAgency,{},2026-06-01T00:00:00Z,true\r\n");
        assertThat(file(page, "alerts")).contains("\r\nQuiet,visits,,,7,1,,,,\r\n");
        assertThat(dashboard.complaints()).isEmpty();
    }

    @Test
    void anAlertTellsThatItsCallFailed(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        dashboard.answer(
                "settings",
                dashboard
                        .answer("settings")
                        .replace(
                                "\"alerts\": []",
                                """
                                "alerts": [{"name": "Busy", "metric": "visits", "above": 1000, "hours": 24,
                                  "webhook": "https://a.example", "failure": "no public address",
                                  "is_firing": true, "value": 1028}]"""));
        Page page = dashboard.open("view=settings");

        assertThat(page.locator("[aria-label=Alerts] .kept .muted").innerText())
                .isEqualTo(
                        "Visits of 24 h above 1,000; calls https://a.example;"
                                + " its last call failed: no public address; has begun: 1,028");
    }

    /** Nothing is signed with the secret of an alert that calls nobody. */
    @Test
    void theSecretOfAnAlertIsForThoseWhoAreCalled(Site site) {
        AnsweredDashboard dashboard = new AnsweredDashboard(site.context());
        dashboard.answer(
                "/write/settings",
                dashboard.answer("settings").replaceFirst("\\{", "{\"token\": \"a-secret\", "));
        Page page = dashboard.open("view=settings");
        for (String webhook : List.of("", "https://a.example")) {
            page.fill("#alert-name", "Quiet");
            page.fill("#alert-below", "1");
            page.fill("#alert-webhook", webhook);
            page.locator("[aria-label=Alerts] form [type=submit]").click();
            page.waitForFunction("document.querySelector('#alert-name').value === ''");
            page.waitForFunction("!document.querySelector('[type=submit]:disabled')");

            assertThat(page.locator("dialog").count()).isEqualTo(webhook.isEmpty() ? 0 : 1);
        }
        assertThat(page.locator("dialog input").inputValue()).isEqualTo("a-secret");
    }

    private static String file(Page page, String list) throws IOException {
        Download file =
                page.waitForDownload(
                        () -> page.locator("[aria-label='" + list + " as CSV']").click());
        return Files.readString(file.path());
    }

    private static Object told(Page page, String field) {
        return page.locator(field).evaluate("(field) => field.validationMessage");
    }
}
