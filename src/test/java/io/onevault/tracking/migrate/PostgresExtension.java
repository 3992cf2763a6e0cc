package io.onevault.tracking.migrate;

import java.sql.SQLException;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests the {@link TestPostgres} of their JVM, started on first use and stopped at its end;
 * what databases a class was given are dropped after it.
 */
public final class PostgresExtension implements ParameterResolver, AfterAllCallback {

    private static final Namespace NAMESPACE = Namespace.create(PostgresExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestPostgres.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return store(context)
                .getOrComputeIfAbsent(TestPostgres.class, type -> start(), TestPostgres.class);
    }

    @Override
    public void afterAll(ExtensionContext context) throws SQLException {
        TestPostgres postgres = store(context).get(TestPostgres.class, TestPostgres.class);
        if (postgres != null) {
            postgres.dropDatabases();
        }
    }

    /** Of the session: Surefire executes each class that a JVM of several is given by itself. */
    private static Store store(ExtensionContext context) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE);
    }

    private static TestPostgres start() {
        try {
            return new TestPostgres();
        } catch (Exception e) {
            throw new ParameterResolutionException("the test database did not start", e);
        }
    }
}
