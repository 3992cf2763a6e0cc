package io.onevault.tracking.job.admit;

import io.onevault.tracking.event.AdmittedEvent;
import io.onevault.tracking.event.Tenant;
import java.util.Map;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichFlatMapFunction;
import org.apache.flink.util.Collector;

/**
 * Admits stored events again, of tenants that are still registered. What can't be admitted any
 * more, or is over, is counted and left out.
 */
final class Readmit extends RichFlatMapFunction<StoredEvent, AdmittedEvent> {

    private static final long serialVersionUID = 1;

    // -- configuration
    private final JdbcTenantReader tenantReader;
    private final History history;

    // -- runtime
    private transient Map<String, Tenant> tenants;
    private transient Readmission readmission;
    private transient LongCounter read;
    private transient LongCounter withoutTenant;
    private transient LongCounter over;
    private transient LongCounter unreadable;

    Readmit(JdbcTenantReader tenantReader, History history) {
        this.tenantReader = tenantReader;
        this.history = history;
    }

    @Override
    public void open(OpenContext context) throws Exception {
        tenants = tenantReader.readByHk();
        readmission = new Readmission();
        read = getRuntimeContext().getLongCounter(ReplaySteps.EVENTS_READ);
        withoutTenant = getRuntimeContext().getLongCounter(ReplaySteps.EVENTS_WITHOUT_TENANT);
        over = getRuntimeContext().getLongCounter(ReplaySteps.EVENTS_OVER);
        unreadable = getRuntimeContext().getLongCounter(ReplaySteps.EVENTS_UNREADABLE);
    }

    @Override
    public void flatMap(StoredEvent stored, Collector<AdmittedEvent> out) {
        read.add(1);
        Tenant tenant = tenants.get(stored.tenantHk());
        if (tenant == null) {
            withoutTenant.add(1);
            return;
        }
        if (history.isOver(stored.tenantHk(), stored.event().occurredAt())) {
            over.add(1);
            return;
        }
        AdmittedEvent event = readmission.readmit(stored, tenant);
        if (event == null) {
            unreadable.add(1);
        } else {
            out.collect(event);
        }
    }
}
