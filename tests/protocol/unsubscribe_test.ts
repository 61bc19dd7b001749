import { testVectors } from "./vector.ts";

testVectors("unsubscribe");
