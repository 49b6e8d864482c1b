package dev.carafe.infinispan;

import org.testng.annotations.Test;

/** The same with a store that is not segmented. */
@Test(groups = "unit", testName = "dev.carafe.infinispan.UnsegmentedStoreFunctionalTest")
public class UnsegmentedStoreFunctionalTest extends CarafeStoreFunctionalTest {
  public UnsegmentedStoreFunctionalTest() {
    super(256, false);
  }
}
