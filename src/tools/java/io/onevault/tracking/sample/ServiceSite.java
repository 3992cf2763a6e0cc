package io.onevault.tracking.sample;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;

/**
 * A site that sells nothing on line: visitors look at what is on offer, and some ask for it.
 *
 * @param tenant also the name of the table of what is on offer
 * @param name in titles
 * @param itemType what is on offer
 * @param folder of the pages of what is on offer
 * @param goal the type of the event by which it is asked for
 * @param form the page on which that is done
 * @param formTitle its title
 */
record ServiceSite(
        String tenant,
        String name,
        String itemType,
        String folder,
        String goal,
        String form,
        String formTitle)
        implements SampleSite {

    static final List<SampleSite> ALL =
            List.of(
                    new ServiceSite(
                            "hearth-homes",
                            "Hearth Homes",
                            "listing",
                            "/homes/",
                            "enquiry",
                            "/viewing",
                            "Ask for a viewing"),
                    new ServiceSite(
                            "harbour-clinic",
                            "Harbour Clinic",
                            "treatment",
                            "/treatments/",
                            "appointment",
                            "/appointments",
                            "Appointments"),
                    new ServiceSite(
                            "open-campus",
                            "Open Campus",
                            "course",
                            "/courses/",
                            "enrolment",
                            "/enrol",
                            "Enrol"));

    private static final String NONE = "-";

    @Override
    public int visitors() {
        return 24;
    }

    @Override
    public double cookieShare() {
        return 0.95;
    }

    @Override
    public double visitsPerVisitor() {
        return 1.5;
    }

    @Override
    public String host() {
        return "https://www." + tenant + ".example.com";
    }

    @Override
    public void tell(SampleVisit visit, int ordinal, Dice dice) {
        List<List<String>> offers = SampleTables.rows(tenant + ".tsv");
        visit.arrive();
        if (dice.chance(0.5)) {
            visit.view("/", name);
            visit.pause(8);
        }
        int looks = Math.min(4, dice.count(1.6));
        List<String> offer = List.of();
        for (int i = 0; i < looks; i++) {
            offer = dice.pickPopular(offers);
            visit.view(folder + offer.get(0), title(offer.get(1)));
            ObjectNode seen = visit.event("item_view");
            seen.set("item", item(seen, offer));
            visit.read(14);
        }
        // Who comes back means it.
        if (dice.chance(ordinal > 0 ? 0.5 : 0.2)) {
            visit.view(form, title(formTitle));
            visit.pause(40);
            ObjectNode asked = visit.event(goal);
            asked.set("item", item(asked, offer));
        }
    }

    private String title(String page) {
        return page + " – " + name;
    }

    private ObjectNode item(ObjectNode event, List<String> offer) {
        ObjectNode item = event.objectNode();
        item.put("item_id", offer.get(0));
        item.put("item_type", itemType);
        item.put("item_name", offer.get(1));
        item.put("item_category", offer.get(2));
        if (!offer.get(3).equals(NONE)) {
            item.put("item_category2", offer.get(3));
        }
        if (!offer.get(4).equals(NONE)) {
            item.put("price", new BigDecimal(offer.get(4))).put("currency", "EUR");
        }
        return item;
    }
}
