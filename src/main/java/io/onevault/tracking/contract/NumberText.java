package io.onevault.tracking.contract;

/**
 * A JSON number as it was written, so that neither digits are lost nor exponents expanded.
 *
 * @param text a number by the grammar of JSON
 */
record NumberText(String text) {}
