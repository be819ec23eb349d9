/** How requests shall be split, independent of what splits them. */
export interface TrafficIntent {
  /** 0…`maxWeight`. */
  readonly canaryWeight: number;
  /** `trafficRouting.maxTrafficWeight`, 100 when unset. The stable version gets the rest. */
  readonly maxWeight: number;
  /** Whether the user set `maxTrafficWeight`; only then does a route spell out its total. */
  readonly explicitMaxWeight: boolean;
  readonly canaryService: string;
  readonly stableService: string;
  readonly canaryHash: string;
  readonly stableHash: string;
}
