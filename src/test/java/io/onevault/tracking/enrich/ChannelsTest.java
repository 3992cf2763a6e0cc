package io.onevault.tracking.enrich;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.tracking.event.Page;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks the table of channels of docs/enrichment.md. */
class ChannelsTest {

    @ParameterizedTest(name = "{0} from {1} -> {2}")
    @CsvSource({
        // no campaign
        ", , direct",
        ", nonsense, direct",
        ", https://www.example.com/b, internal",
        ", https://www.google.co.uk/, organic_search",
        ", https://google.com/, organic_search",
        ", https://duckduckgo.com/, organic_search",
        ", https://google.evil.example/, referral",
        ", https://notgoogle.com/, referral",
        ", https://mail.google.com/, email",
        ", android-app://com.google.android.gm/, email",
        ", https://l.facebook.com/l.php, organic_social",
        ", https://t.co/abc, organic_social",
        ", https://uk.pinterest.com/x, organic_social",
        ", https://pinterest.co.uk/x, organic_social",
        ", https://www.youtube.com/watch, organic_video",
        ", https://www.amazon.de/x, organic_shopping",
        ", https://chatgpt.com/, assistant",
        ", https://gemini.google.com/app, assistant",
        ", https://partner.example/, referral",
        // other services of those that run a search engine or a shop
        ", https://accounts.google.com/, referral",
        ", https://accounts.google.co.in/signin, referral",
        ", https://docs.google.com/document/d/1inv, referral",
        ", https://search.google.com/search-console, referral",
        ", https://pay.google.com/, referral",
        ", https://anything-new.google.com/, referral",
        ", https://login.yahoo.com/, referral",
        ", https://console.aws.amazon.com/s3, referral",
        ", https://eu-central-1.console.aws.amazon.com/, referral",
        ", https://sellercentral.amazon.co.jp/, referral",
        ", https://pay.amazon.de/, referral",
        ", https://passport.yandex.ru/, referral",
        ", https://checkout.idealo.de/, referral",
        ", https://ya.ru/, organic_search",
        ", https://yandex.ru/, organic_search",
        ", https://m.yandex.com.tr/, organic_search",
        ", https://it.images.search.yahoo.com/images/view, organic_search",
        ", https://images.google.co.in/, organic_search",
        ", https://smile.amazon.co.uk/, organic_shopping",
        ", https://mail.yandex.ru/, email",
        ", https://mail.yahoo.co.jp/, email",
        ", https://co106w.col106.mail.live.com/, email",
        ", https://beta.character.ai/, assistant",
        ", https://pagead2.googlesyndication.com/, paid_other",
        // campaign
        "utm_source=google&utm_medium=cpc, https://www.google.com/, paid_search",
        "utm_source=Bing&utm_medium=PPC, , paid_search",
        "utm_source=facebook&utm_medium=paid_social, , paid_social",
        "utm_source=ig&utm_medium=cpc, , paid_social",
        "utm_source=youtube&utm_medium=cpv, , paid_video",
        "utm_source=amazon&utm_medium=cpc, , paid_shopping",
        "utm_source=taboola&utm_medium=cpc-brand, , paid_other",
        "utm_medium=cpc&gclid=x, , paid_search",
        "utm_medium=paid&fbclid=x, , paid_social",
        "utm_medium=cpc, https://www.google.com/, paid_search",
        "utm_source=x.example&utm_medium=banner, , display",
        "utm_source=facebook.com&utm_medium=social, , organic_social",
        "utm_source=google&utm_medium=organic, , organic_search",
        "utm_source=news&utm_medium=email, , email",
        "utm_source=newsletter, , email",
        "utm_source=awin&utm_medium=affiliate, , affiliate",
        "utm_source=crm&utm_medium=sms, , sms",
        "utm_source=crm&utm_medium=web_push, , push",
        "utm_source=show&utm_medium=podcast, , audio",
        "utm_source=partner&utm_medium=referral, , referral",
        "utm_source=facebook, , organic_social",
        "utm_source=partner, , other_campaign",
        "utm_campaign=spring, , other_campaign",
        "utm_campaign=spring, https://www.example.com/, other_campaign",
        "utm_source=flyer&utm_medium=qr, , other_campaign",
        // as Google Analytics 4 groups them
        "utm_source=x&utm_medium=cpc&utm_campaign=Cross-Network_1, , cross_network",
        "utm_source=google&utm_medium=cpc&utm_campaign=DE_Shopping_Brand, , paid_shopping",
        "utm_source=x&utm_medium=paid&utm_campaign=my-shop, , paid_shopping",
        "utm_source=google&utm_medium=cpc&utm_campaign=workshop, , paid_search",
        "utm_source=google&utm_medium=cpc&utm_campaign=workshopping, , paid_shopping",
        "utm_source=google&utm_medium=cpc&utm_campaign=eshop, , paid_shopping",
        "utm_source=crm&utm_medium=email&utm_campaign=shop_news, , organic_shopping",
        "utm_source=adwords&utm_medium=ppc&utm_campaign=brand, , paid_search",
        "utm_source=facebook&utm_medium=cpm&utm_campaign=reach, , paid_social",
        "utm_source=youtube&utm_medium=cpm, , paid_video",
        "utm_source=x.example&utm_medium=cpm, , display",
        "utm_source=x.example&utm_medium=ecpc, , paid_other",
        "utm_source=fb&utm_medium=paid&utm_campaign=retarget, , paid_social",
        "utm_source=facebook&utm_medium=organic, , organic_social",
        "utm_source=linkedin&utm_medium=organic&utm_campaign=posts, , organic_social",
        "utm_source=youtube&utm_medium=organic, , organic_video",
        "utm_source=x.example&utm_medium=instream-video, , organic_video",
        "utm_source=google&utm_medium=organic, , organic_search",
        "utm_source=amazon&utm_medium=organic, , organic_shopping",
        "utm_source=google+shopping, , organic_shopping",
        "utm_source=facebook&utm_medium=email, , organic_social",
        "utm_source=e-mail, , email",
        "utm_source=sms, , sms",
        "utm_source=firebase, , push",
        "utm_source=crm&utm_medium=in-app-notification, , push",
        "utm_source=chatgpt.com, , assistant",
        "utm_source=%28direct%29&utm_medium=%28none%29, , direct",
        "utm_source=(not+set)&utm_medium=(not+set), https://www.google.com/, organic_search",
        // click ids alone
        "gclid=x, https://www.google.com/, paid_search",
        "msclkid=x, , paid_search",
        "dclid=x, , display",
        "ttclid=x, , paid_social",
        "fbclid=x, https://l.facebook.com/, organic_social",
        "awc=x, , affiliate",
        // a click id does not undo what the medium says
        "utm_source=news&utm_medium=email&fbclid=x, , email",
    })
    void names(String query, String referrer, String channel) {
        String url = "https://www.example.com/a" + (query == null ? "" : "?" + query);
        Page page = PageUrls.normalise(url);

        assertThat(Channels.of(Campaigns.of(url), Referrers.of(referrer, page, false)))
                .isEqualTo(channel);
    }
}
