/** What a tracker event is: immutable records, enums and limits. Depends on the JDK alone. */
package io.onevault.tracking.event;
