package io.onevault.tracking.enrich;

import io.onevault.tracking.event.Device;
import org.jspecify.annotations.Nullable;

/**
 * What an agent says, and a text of it that holds no more than that.
 *
 * @param named of an event that names a visitor or a session
 * @param unnamed of one that doesn't
 */
record KnownAgent(Device named, Device unnamed) {

    private static final String PREFIX = "parsed|";
    private static final String BOT = "bot";
    private static final int PARTS = 8;
    private static final int MOST_CHARS = 100;

    /** That of an agent whose client is a robot where nothing is named, or always. */
    static KnownAgent of(Device device, AgentClients.Client client) {
        if (client.robotKind() == null) {
            return new KnownAgent(device, device);
        }
        Device robot = robot(device, client.robotKind());
        return new KnownAgent(client.isRobot() ? robot : device, robot);
    }

    Device of(boolean names) {
        return names ? named : unnamed;
    }

    static boolean isText(String agent) {
        return agent.startsWith(PREFIX);
    }

    /** What {@link #text} wrote, or null for any other text. */
    static @Nullable KnownAgent ofText(String text) {
        String[] parts = isText(text) ? text.split("\\|", -1) : new String[0];
        if (parts.length != PARTS) {
            return null;
        }
        boolean isRobot = parts[6].equals(AgentClients.ROBOT);
        String kind = nullable(parts[7]);
        Device device =
                new Device(
                        parts[1],
                        nullable(parts[2]),
                        nullable(parts[3]),
                        nullable(parts[4]),
                        nullable(parts[5]),
                        isRobot,
                        parts[6],
                        isRobot ? kind : null);
        return new KnownAgent(device, isRobot || kind == null ? device : robot(device, kind));
    }

    /** Device type, browser and system with their versions, client type and robot kind. */
    String text() {
        StringBuilder out = new StringBuilder(PREFIX).append(named.type());
        append(named.browser(), out);
        append(named.browserVersion(), out);
        append(named.os(), out);
        append(named.osVersion(), out);
        append(named.clientType(), out);
        append(unnamed.robotKind(), out);
        return out.toString();
    }

    /** The text of a robot of this kind and no more; null of any other client. */
    @Nullable String robotText(boolean names) {
        String kind = of(names).robotKind();
        return kind == null ? null : PREFIX + BOT + "|||||" + AgentClients.ROBOT + '|' + kind;
    }

    /** Names of browsers may be whatever stood in the agent. */
    private static void append(@Nullable String part, StringBuilder out) {
        out.append('|');
        if (part != null) {
            String clean = Redactor.redact(part).replace('|', '/');
            out.append(clean, 0, Math.min(clean.length(), MOST_CHARS));
        }
    }

    private static @Nullable String nullable(String part) {
        return part.isEmpty() ? null : part;
    }

    private static Device robot(Device device, String kind) {
        return new Device(
                BOT,
                device.browser(),
                device.browserVersion(),
                device.os(),
                device.osVersion(),
                true,
                AgentClients.ROBOT,
                kind);
    }
}
