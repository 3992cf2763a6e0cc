package io.onevault.tracking.local;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A browser without a past, and what its pages complain of. */
final class Look implements AutoCloseable {

    private static final int WAIT_MILLIS = 60_000 * Integer.getInteger("wait.minutes", 3);

    static final Locator.WaitForOptions GONE =
            new Locator.WaitForOptions().setState(WaitForSelectorState.DETACHED);

    private final BrowserContext context;
    private final List<String> complaints = new ArrayList<>();

    Look(BrowserContext context) {
        this.context = context;
        context.setDefaultTimeout(WAIT_MILLIS);
    }

    BrowserContext context() {
        return context;
    }

    Page open(String address) {
        Page page = context.newPage();
        page.onConsoleMessage(message -> complaints.add(message.text()));
        page.onPageError(complaints::add);
        page.navigate(address);
        return page;
    }

    List<String> complaints() {
        return complaints;
    }

    /** Waits until the dashboard shows what it was asked for. */
    static void settle(Page page) {
        page.waitForSelector("main:not([aria-busy]) .card:not(.login)");
    }

    /** The figures on the dashboard's tiles, by their names. */
    static Map<String, String> tiles(Page page) {
        Map<String, String> tiles = new HashMap<>();
        for (Locator tile : page.locator("button.tile").all()) {
            tiles.put(tile.locator(".tile-name").innerText(), tile.locator("strong").innerText());
        }
        return tiles;
    }

    /** The first row of this name, in the panel that has this tab. */
    static Locator row(Page page, String tab, String name) {
        return page.locator(".panel")
                .filter(new Locator.FilterOptions().setHas(page.locator("[role=tab]", having(tab))))
                .locator("button.row")
                .filter(new Locator.FilterOptions().setHasText(name))
                .first();
    }

    static Page.LocatorOptions having(String text) {
        return new Page.LocatorOptions().setHasText(text);
    }

    @Override
    public void close() {
        context.close();
    }
}
