/** How requests shall be split, independent of what splits them. */
export interface TrafficIntent {
  /** 0…`maxWeight`. */
  readonly canaryWeight: number;
  /** `trafficRouting.maxTrafficWeight`, 100 when unset. The stable version gets the rest. */
  readonly maxWeight: number;
  readonly canaryService: string;
  readonly stableService: string;
  readonly canaryHash: string;
  readonly stableHash: string;
}
