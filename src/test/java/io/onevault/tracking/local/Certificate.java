package io.onevault.tracking.local;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** A self-made certificate of a server on this machine, with its key. */
record Certificate(Path keyStore, Path certificate, Path key) {

    static final String PASSWORD = "key-store-of-the-test";

    private static final String ALIAS = "server";

    /** Made by the JDK's own keytool. */
    static Certificate create(Path folder, String name) throws Exception {
        Path store = folder.resolve(name + ".p12");
        Path certificate = folder.resolve(name + ".crt");
        keytool(
                folder,
                List.of(
                        "-genkeypair",
                        "-keyalg",
                        "RSA",
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString()));
        keytool(
                folder,
                List.of(
                        "-exportcert",
                        "-rfc",
                        "-file",
                        certificate.toString(),
                        "-keystore",
                        store.toString()));
        Path key = folder.resolve(name + ".key");
        writeKey(store, key);
        return new Certificate(store, certificate, key);
    }

    private static void keytool(Path folder, List<String> arguments) throws Exception {
        List<String> command = new java.util.ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        command.addAll(List.of("-alias", ALIAS, "-storepass", PASSWORD));
        ChildProcess.start(folder.resolve("keytool.log"), Map.of(), command).await(60);
    }

    /** PostgreSQL takes a key in PEM only, and only one that nobody else can read. */
    private static void writeKey(Path store, Path file) throws Exception {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream stream = Files.newInputStream(store)) {
            keys.load(stream, PASSWORD.toCharArray());
        }
        Key key = keys.getKey(ALIAS, PASSWORD.toCharArray());
        String body =
                Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                        .encodeToString(key.getEncoded());
        Files.writeString(
                file, "-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
}
