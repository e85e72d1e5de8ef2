"""Where the fixed camera is, found from a ChArUco board that the gripper holds; knows no ROS."""
