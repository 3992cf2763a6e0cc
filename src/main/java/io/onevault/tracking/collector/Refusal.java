package io.onevault.tracking.collector;

import org.eclipse.jetty.server.Request;

/**
 * What is told in place of an answer of the api.
 *
 * @param body a JSON object
 */
record Refusal(int status, String body) {

    /** With the id of the request that it answers. */
    Refusal to(Request request) {
        String id = ", \"request_id\": \"" + Answers.requestId(request) + "\"}";
        return new Refusal(status, body.substring(0, body.length() - 1) + id);
    }

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
