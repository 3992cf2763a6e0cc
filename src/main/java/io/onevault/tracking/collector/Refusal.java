package io.onevault.tracking.collector;

/**
 * What is told in place of an answer of the api.
 *
 * @param body a JSON object
 */
record Refusal(int status, String body) {

    static Refusal of(Refused refused) {
        return new Refusal(
                refused.status(),
                Answers.text(
                        json -> {
                            json.writeBooleanField("success", false);
                            json.writeStringField("error_code", refused.code());
                            json.writeStringField("message", refused.getMessage());
                        }));
    }
}
